#include "watch.h"

void watch_update(int events, struct watch *watch, int fd, uint32_t wanted, uint64_t token) {
	struct epoll_event event = {.events = wanted, .data = {.u64 = token}};
	if (watch->fd == fd && watch->wanted == wanted) return;
	if (fd >= 0) sys_events_change(events, watch->fd == fd ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
	*watch = (struct watch){fd, wanted};
}

void watch_stop(int events, struct watch *watch) {
	struct epoll_event ignored = {.events = 0};
	if (watch->fd >= 0) sys_events_change(events, EPOLL_CTL_DEL, watch->fd, &ignored);
	watch->fd = -1;
}
