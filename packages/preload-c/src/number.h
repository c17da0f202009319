/* Numbers in paths of /proc. */
#ifndef TLDT_NUMBER_H
#define TLDT_NUMBER_H

/* Writes decimal digits and gives where the next byte goes. */
static inline char *decimal_put(char *at, unsigned number) {
	char digits[10];
	int count = 0;
	do digits[count++] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	while (count > 0) *at++ = digits[--count];
	return at;
}

#endif
