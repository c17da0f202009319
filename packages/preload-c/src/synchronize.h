/* statx(2) as the kernel has it: not every C library has. Older kernels and other headers do without. */
#ifndef TLDT_SYNCHRONIZE_H
#define TLDT_SYNCHRONIZE_H

#include <sys/syscall.h>

enum { SYNCHRONIZE_FLAGS = 0x1000 | 0x2000 /* AT_EMPTY_PATH | AT_STATX_FORCE_SYNC */, SYNCHRONIZE_MASK = 0x7ff /* STATX_BASIC_STATS */ };
/* Of struct statx. */
#define SYNCHRONIZE_SIZE 256

#endif
