/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNETBR_COMMAND_H
#define VNETBR_COMMAND_H

/*
 * The commands. @argv begins behind the name of the command and ends with NULL.
 * They return the status of the program, or die.
 */
int command_why(char **argv);
int command_show(char **argv);
int command_top(char **argv);

/* next_word() - the value after a word, which is taken; dies without one */
char *next_word(char ***argv);

/* parse_number() - of an option @name, in a range; dies if it is none */
unsigned long parse_number(const char *name, const char *text,
			   unsigned long min, unsigned long max, int base);

/*
 * reason_text() - a drop reason in a sentence; NULL for one that is not known.
 * @hint is set to what to do about it, or NULL.
 */
const char *reason_text(const char *word, const char **hint);

#endif /* VNETBR_COMMAND_H */
