/* The commands there are, with what --help says of each. */

#include "commands.h"

#include "base/i18n.h"

static const struct option_row drill_options[] = {
	{"list", 'l', NULL, N_("name the scenarios and what each breaks")},
	{NULL, 0, NULL, NULL},
};

static const struct option_row check_options[] = {
	{"output", 'o', "FORMAT", N_("text (as it is without), or json")},
	{NULL, 0, NULL, NULL},
};

static const struct option_row incident_options[] = {
	{"output", 'o', "FORMAT", N_("text (as it is without), or json")},
	{"title", 0, "TITLE", N_("open: what is wrong, in one line")},
	{"level", 0, "LEVEL", N_("open: P0, P1 (when not given), P2 or P3")},
	{"detected", 0, "TIME", N_("open: when it was noticed, like 2026-11-23T04:43:50Z")},
	{"started", 0, "TIME", N_("open: when it began")},
	{"cluster", 0, "NAME", N_("open: which cluster; else the kubeconfig's")},
	{"at", 0, "TIME", N_("ack, mitigated, recovered, close: when it happened, if not now")},
	{"reason", 0, "REASON", N_("level, reopen: why")},
	{"star", 0, NULL, N_("note: it belongs into the report")},
	{"status", 0, NULL, N_("report: one paragraph for the chat")},
	{"anchor", 0, "HASH", N_("verify: is what a report or an alert vouched for still there?")},
	{NULL, 0, NULL, NULL},
};

static const struct option_row runbook_options[] = {
	{"output", 'o', "FORMAT", N_("text (as it is without), json, or jsonl for a run")},
	{"set", 0, "NAME=VALUE", N_("an input; those left out are as `plan` shows them")},
	{"yes", 0, NULL, N_("consent to every step that asks for a yes")},
	{"confirm", 0, "NAME", N_("consent to the steps that want this name typed")},
	{NULL, 0, NULL, NULL},
};

const struct command_row command_rows[] = {
	{"", "", N_("open the console on the current kubeconfig context"), NULL, NULL,
		command_console},
	{"drill", "[SCENARIO]", N_("open the console on the practice cluster"),
		N_("Without SCENARIO the cluster is healthy; `k911 drill --list` names the "
		   "others."),
		drill_options, command_drill},
	{"check", "[-o text|json]", N_("one health pass, for scripts and for people in a hurry"),
		N_("Looks at every API server, etcd member and control-plane node, says how bad it "
		   "is and why,\nand leaves within ten seconds. Exit: 0 ok, 1 warning (P2, P3), "
		   "2 critical (P0, P1), 3 unknown."),
		check_options, command_check},
	{"incident", "VERB [ID] ...",
		N_("keep the record of an incident: levels, clocks, checklists, notes, report"),
		N_("open --title T | list | show ID | ack ID | level ID P0 --reason R | role ID "
		   "ROLE WHO |\n"
		   "note ID TEXT|- | tick ID ITEM | untick ID ITEM | link ID WHAT NAME | mitigated "
		   "ID |\n"
		   "recovered ID | close ID | reopen ID | report ID | verify [ID] | export ID | "
		   "import FILE|-\n"
		   "An ID looks like INC-0001. None of it needs a cluster.\n"
		   "verify ends with 0: as it was written, 2: it is not, 3: it cannot be read."),
		incident_options, command_incident},
	{"runbook", "VERB ...", N_("guided recovery: what there is to run, and what it does"),
		N_("list | show ID | words | check FILE... | plan ID | run ID | resume RUN | "
		   "debts\n"
		   "plan shows every step and changes nothing; run asks before each that does, "
		   "and\n"
		   "without a terminal wants --yes and --confirm beforehand. Exit: 0 done, 2 "
		   "refused "
		   "or\nfailed, 64 consent is missing, 130 aborted; debts: 1 when something is "
		   "owed.\n"
		   "The team's own are the files of ~/.config/k911/runbooks that end with .yaml;\n"
		   "words names the guards and deeds they may be made of;\n"
		   "check names what is wrong with one by file, line and column, and ends with "
		   "65."),
		runbook_options, command_runbook},
	{"config", "show|check", N_("print the effective configuration, or check the file"), NULL,
		NULL, command_config},
	{NULL, NULL, NULL, NULL, NULL, NULL},
};
