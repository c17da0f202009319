/* What an executable was compiled for, in words for people. */
#ifndef MACHINE_WORDS_H
#define MACHINE_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* What a header tells: e_machine, EI_CLASS, EI_DATA, e_flags. */
struct elf_kind {
	uint16_t machine;
	uint8_t file_class;
	uint8_t data;
	uint32_t flags;
};

/* "MIPS n32 mips64r2", or "machine 12345"; cut short where it does not fit. */
void machine_words(const struct elf_kind *kind, char *words, size_t size);

#endif
