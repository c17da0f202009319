#include "hook_descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "hook_file.h"
#include "hook_text.h"
#include "sys.h"

#define DESCRIPTORS "/proc/self/fd/"

void descriptor_link(int descriptor, char *link) {
	char digits[10];
	int count = 0;
	do {
		digits[count++] = (char)('0' + descriptor % 10);
		descriptor /= 10;
	} while (descriptor > 0);
	link = text_copy(link, DESCRIPTORS, sizeof DESCRIPTORS - 1);
	while (count > 0)
		*link++ = digits[--count];
	*link = '\0';
}

size_t descriptor_name(int descriptor, char *room) {
	char link[DESCRIPTOR_LINK_SIZE];
	descriptor_link(descriptor, link);
	const long size = sys_call4(SYS_readlinkat, AT_FDCWD, link, room, PATH_LIMIT);
	return size <= 0 || size >= PATH_LIMIT || *room != '/' ? 0 : (size_t)size;
}

const char *descriptor_path(int descriptor, const char *file, int flags, char *room) {
	struct stat facts, named;
	if ((flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) != 0 ||
	    sys_call4(SYS_newfstatat, descriptor, file, &facts, flags) != 0 || !S_ISREG(facts.st_mode))
		return NULL;
	if (*file == '/' || descriptor == AT_FDCWD)
		return file;
	size_t length = descriptor_name(descriptor, room);
	if (length == 0 || length + 1 + text_length(file) >= PATH_LIMIT)
		return NULL;
	if (*file != '\0')
		room[length++] = '/';
	text_copy(room + length, file, text_length(file) + 1);
	/* What the kernel knows may have become the name of another file. */
	if (sys_call4(SYS_newfstatat, AT_FDCWD, room, &named, 0) != 0 || named.st_dev != facts.st_dev ||
	    named.st_ino != facts.st_ino)
		return NULL;
	return room;
}
