/* ELF headers, read as kernels read them: fs/binfmt_elf.c for the checks, the gABI for the layout. */
#include "hook_elf.h"

enum { ELF_CLASS = 4, ELF_DATA = 5, ELF_TYPE = 16, ELF_MACHINE = 18, ELF_ENTRY = 24, ELF_HEADER_MOST = 64 };
enum { CLASS_32 = 1, CLASS_64 = 2, DATA_LITTLE = 1, DATA_BIG = 2, TYPE_EXEC = 2, TYPE_DYN = 3 };

/* Where 32-bit and 64-bit headers differ; `most_entries` keeps the table of program headers within the kernel's 64 KiB. */
struct elf_layout {
	uint8_t size, flags, entry_size_at, entries_at;
	uint16_t entry_size, most_entries;
};

static const struct elf_layout layout_32 = {52, 36, 42, 44, 32, 65536 / 32};
static const struct elf_layout layout_64 = {64, 48, 54, 56, 56, 65536 / 56};

static const struct elf_layout *layout_of(uint8_t class) {
	return class == CLASS_64 ? &layout_64 : &layout_32;
}

static uint16_t read_16(const uint8_t *at, bool big) {
	return (uint16_t)(big ? at[0] << 8 | at[1] : at[1] << 8 | at[0]);
}

static uint32_t read_32(const uint8_t *at, bool big) {
	const uint32_t first = read_16(at, big), second = read_16(at + 2, big);
	return big ? first << 16 | second : second << 16 | first;
}

bool elf_has_magic(const uint8_t *head, size_t size) {
	return size >= 4 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
}

/* Whether a kernel that reads this layout and byte order takes the header, machine aside. */
static bool kernel_takes(const uint8_t *head, const struct elf_layout *layout, bool big) {
	const uint16_t type = read_16(head + ELF_TYPE, big);
	const uint16_t entries = read_16(head + layout->entries_at, big);
	return (type == TYPE_EXEC || type == TYPE_DYN) && read_16(head + layout->entry_size_at, big) == layout->entry_size &&
	       entries >= 1 && entries <= layout->most_entries;
}

/* What elf_check_arch() of some architectures asks beyond the machine. */
static bool asked_is_there(const uint8_t *head, uint8_t asks, uint8_t class, bool big) {
	switch (asks) {
	case TLDT_ASKS_CLASS:
		return head[ELF_CLASS] == class;
	case TLDT_ASKS_EABI:
		return read_32(head + layout_of(class)->flags, big) >> 24 != 0;
	case TLDT_ASKS_ENTRY:
		return (read_32(head + ELF_ENTRY, big) & 3) != 2;
	default:
		return true;
	}
}

static struct elf_kind read_kind(const uint8_t *head, uint8_t class, uint8_t data) {
	const bool big = data == DATA_BIG;
	return (struct elf_kind){.machine = read_16(head + ELF_MACHINE, big),
	                         .class = class,
	                         .data = data,
	                         .flags = read_32(head + layout_of(class)->flags, big)};
}

/* As the local kernel reads every header: in its own byte order and layout, whatever EI_CLASS and EI_DATA say. */
static struct elf_kind kind_here(const struct tldt_table *table, const uint8_t *head, size_t size) {
	/* It reads a file that ends inside its header as if zeros followed. */
	uint8_t padded[ELF_HEADER_MOST];
	for (size_t i = 0; i < sizeof padded; i++)
		padded[i] = i < size ? head[i] : 0;
	const bool big = table->local_data == DATA_BIG;
	for (uint32_t i = 0; i < table->local_count; i++) {
		const struct tldt_local *local = &table_locals(table)[i];
		const uint8_t class = local->layout == 64 ? CLASS_64 : CLASS_32;
		if (kernel_takes(padded, layout_of(class), big) && read_16(padded + ELF_MACHINE, big) == local->machine &&
		    asked_is_there(padded, local->asks, class, big))
			return read_kind(padded, class, (uint8_t)table->local_data);
	}
	return (struct elf_kind){.class = 0};
}

/* As the kernel of the machine that it is for reads it. */
static struct elf_kind kind_elsewhere(const uint8_t *head, size_t size) {
	const uint8_t class = size < layout_32.size ? 0 : head[ELF_CLASS], data = class == 0 ? 0 : head[ELF_DATA];
	if ((class != CLASS_32 && class != CLASS_64) || (data != DATA_LITTLE && data != DATA_BIG) ||
	    size < layout_of(class)->size || !kernel_takes(head, layout_of(class), data == DATA_BIG))
		return (struct elf_kind){.class = 0};
	return read_kind(head, class, data);
}

static bool kind_matches(struct elf_kind kind, const struct tldt_kind *wanted) {
	return ((wanted->options & TLDT_KIND_ANY_MACHINE) != 0 || wanted->machine == kind.machine) &&
	       (wanted->class == 0 || wanted->class == kind.class) && (wanted->data == 0 || wanted->data == kind.data) &&
	       (kind.flags & wanted->flags_mask) == wanted->flags_value;
}

bool elf_kind_is_any(struct elf_kind kind, const struct tldt_kind *wanted, uint32_t count) {
	if (kind.class == 0)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (kind_matches(kind, &wanted[i]))
			return true;
	return false;
}

static const struct tldt_target *target_of(const struct tldt_table *table, struct elf_kind kind) {
	if (kind.class == 0)
		return NULL;
	for (uint32_t i = 0; i < table->target_count; i++)
		if (kind_matches(kind, &table_targets(table)[i].kind))
			return &table_targets(table)[i];
	return NULL;
}

/* The header of the library that this code is in. */
extern const uint8_t __ehdr_start[] __attribute__((visibility("hidden")));

static bool is_our_kind(const uint8_t *head, size_t size) {
	return size > ELF_MACHINE + 1 && head[ELF_CLASS] == __ehdr_start[ELF_CLASS] && head[ELF_MACHINE] == __ehdr_start[ELF_MACHINE] &&
	       head[ELF_MACHINE + 1] == __ehdr_start[ELF_MACHINE + 1];
}

struct judgement elf_judge(const struct tldt_table *table, const uint8_t *head, size_t size) {
	struct judgement judgement = {.place = PLACE_UNKNOWN};
	if (!elf_has_magic(head, size))
		return judgement;
	judgement.hookless = !is_our_kind(head, size);
	const struct elf_kind here = kind_here(table, head, size);
	judgement.kind = kind_elsewhere(head, size);
	if (here.class != 0) {
		judgement.place = PLACE_LOCAL;
		if (judgement.kind.class == 0)
			judgement.kind = here;
		return judgement;
	}
	judgement.target = target_of(table, judgement.kind);
	if (judgement.target != NULL)
		judgement.place = PLACE_REMOTE;
	return judgement;
}
