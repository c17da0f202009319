/* The numbers of this machine and the protocol's, which are those of Linux' include/uapi/asm-generic/{signal,errno-base,errno,
 * resource}.h. */
#include "platform.h"

struct number {
	short wire;
	short own;
};

static const struct number signals[] = {
    {1, SIGHUP},   {2, SIGINT},   {3, SIGQUIT},    {4, SIGILL},   {5, SIGTRAP},  {6, SIGABRT},  {7, SIGBUS},
    {8, SIGFPE},   {9, SIGKILL},  {10, SIGUSR1},   {11, SIGSEGV}, {12, SIGUSR2}, {13, SIGPIPE}, {14, SIGALRM},
    {15, SIGTERM}, {17, SIGCHLD}, {18, SIGCONT},   {19, SIGSTOP}, {20, SIGTSTP}, {21, SIGTTIN}, {22, SIGTTOU},
    {23, SIGURG},  {24, SIGXCPU}, {25, SIGXFSZ},   {26, SIGVTALRM}, {27, SIGPROF}, {28, SIGWINCH}, {29, SIGIO},
    {30, SIGPWR},  {31, SIGSYS},
#ifdef SIGSTKFLT
    {16, SIGSTKFLT},
#endif
};

static const struct number errors[] = {
    {35, EDEADLK}, {36, ENAMETOOLONG}, {38, ENOSYS},      {39, ENOTEMPTY}, {40, ELOOP},
    {75, EOVERFLOW}, {80, ELIBBAD},    {110, ETIMEDOUT},  {116, ESTALE},   {122, EDQUOT},
};

static const struct number limits[] = {
    {0, RLIMIT_CPU},     {1, RLIMIT_FSIZE}, {2, RLIMIT_DATA},        {3, RLIMIT_STACK},    {4, RLIMIT_CORE},
    {5, RLIMIT_RSS},     {6, RLIMIT_NPROC}, {7, RLIMIT_NOFILE},      {8, RLIMIT_MEMLOCK},  {9, RLIMIT_AS},
    {10, RLIMIT_LOCKS},  {11, RLIMIT_SIGPENDING}, {12, RLIMIT_MSGQUEUE}, {13, RLIMIT_NICE}, {14, RLIMIT_RTPRIO},
#ifdef RLIMIT_RTTIME
    {15, RLIMIT_RTTIME},
#endif
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* Real-time signals have the same numbers everywhere. */
#define FIRST_REALTIME 32

int signal_to_wire(int signal) {
	if (signal >= FIRST_REALTIME) return signal;
	for (size_t i = 0; i < COUNT(signals); i++)
		if (signals[i].own == signal) return signals[i].wire;
	return WIRE_SIGSYS;
}

int signal_from_wire(int signal) {
	if (signal >= FIRST_REALTIME) return signal;
	for (size_t i = 0; i < COUNT(signals); i++)
		if (signals[i].wire == signal) return signals[i].own;
	return 0;
}

/* Up to 34 (ERANGE) they are the same everywhere; above, those that starting a program can give. */
uint32_t error_to_wire(uint32_t error) {
	for (size_t i = 0; i < COUNT(errors); i++)
		if (errors[i].own == (short)error) return (uint32_t)errors[i].wire;
	return error;
}

int limit_from_wire(int resource) {
	for (size_t i = 0; i < COUNT(limits); i++)
		if (limits[i].wire == resource) return limits[i].own;
	return -1;
}
