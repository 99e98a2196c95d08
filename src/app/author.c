/* The author of an entry is the person at the keyboard, not the root that sudo made of them. */
#include "app/author.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"

void author_learn(struct author *a)
{
	const char *sudo = getenv("SUDO_USER"), *user = getenv("USER");
	struct passwd entry, *found = NULL;
	char bytes[4096];

	if (sudo != NULL && sudo[0])
		user = sudo;
	if ((user == NULL || !user[0]) &&
		getpwuid_r(getuid(), &entry, bytes, sizeof(bytes), &found) == 0 && found != NULL)
		user = found->pw_name;
	if (user != NULL && user[0])
		str_copy(a->name, sizeof(a->name), user);
	else
		snprintf(a->name, sizeof(a->name), "uid %u", (unsigned)getuid());
	if (gethostname(a->host, sizeof(a->host) - 1) != 0)
		str_copy(a->host, sizeof(a->host), "-");
}
