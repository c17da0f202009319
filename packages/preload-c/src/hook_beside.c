#include "hook_beside.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "hook_text.h"
#include "sys.h"

bool beside_path(const char *hook, const char *name, char *room, size_t room_size) {
	const char *slash = text_last_slash(hook);
	if (slash == NULL)
		return false;
	const size_t directory = (size_t)(slash + 1 - hook), size = text_length(name) + 1;
	if (directory + size > room_size)
		return false;
	text_copy(text_copy(room, hook, directory), name, size);
	return true;
}

void *beside_map(const char *hook, const char *name, enum beside_use use, size_t least, size_t *size) {
	if (hook == NULL)
		return NULL;
	/* No more than it takes: threads with little stack come here. */
	char path[text_length(hook) + text_length(name) + 1];
	if (!beside_path(hook, name, path, sizeof path))
		return NULL;
	const bool writes = use == BESIDE_ALL_WRITE;
	const long file =
		sys_call4(SYS_openat, AT_FDCWD, path, (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	if (file < 0)
		return NULL;
	struct stat facts;
	long mapping = -1;
	if (sys_call3(SYS_fstat, file, &facts, 0) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0 &&
	    (size_t)facts.st_size >= least) {
		*size = (size_t)facts.st_size;
		/* Not every file system lets files be mapped shared. */
		mapping = sys_call6(SYS_mmap, 0, facts.st_size, writes ? PROT_READ | PROT_WRITE : PROT_READ,
		                    use == BESIDE_NOBODY_WRITES ? MAP_PRIVATE : MAP_SHARED, file, 0);
	}
	sys_call3(SYS_close, file, 0, 0);
	/* Errors are the top 4095 values. */
	return (unsigned long)mapping >= -4095UL ? NULL : (void *)mapping;
}
