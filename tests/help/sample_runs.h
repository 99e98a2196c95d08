/* Runbooks and runs made by hand for the golden screens: each is the incident of sample_book.h with
 * a board. */
#ifndef HELP_SAMPLE_RUNS_H
#define HELP_SAMPLE_RUNS_H

#include "model/snapshot.h"

#define SAMPLE_ASKER 7                            /* who began the newest run */
#define SAMPLE_RUN   "01K911SAMPLERUN00000000009" /* its id */
#define SAMPLE_DEBT  "01K911SAMPLEDEBT0000000001"
#define SAMPLE_ASK   41 /* the consent's question, where one waits */

struct snapshot *sample_menu(void); /* runbooks, and nothing was run yet */
struct snapshot *sample_planned(void);
struct snapshot *sample_acting(void);
struct snapshot *sample_verifying(void);
struct snapshot *sample_failed(void);
struct snapshot *sample_done(void);
struct snapshot *sample_consents(void);       /* a yes is enough */
struct snapshot *sample_consents_typed(void); /* the name is to be typed */
struct snapshot *sample_debts(void);          /* a run, what it owes, and what went before */
struct snapshot *sample_runs_evil(void); /* in every field what attacks a terminal, or is long */

#endif
