/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report: every line goes to the standard output and, synced, to the
 * report file at once, because the next step may take the machine down.
 */
#ifndef DEMO_REPORT_H
#define DEMO_REPORT_H

void report_open(const char *path);

/** report - one line */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** report_failure - one line that makes the demo fail */
void report_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** report_failures - how many there were */
unsigned int report_failures(void);

#endif /* DEMO_REPORT_H */
