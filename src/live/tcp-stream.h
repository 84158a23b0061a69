/* Finds the connection that Node holds behind a file descriptor. */
#ifndef TCP_STREAM_H
#define TCP_STREAM_H
#include <stdint.h>
#include <uv.h>

struct search {
  int32_t fd;
  uv_stream_t *found;
};

static void compare(uv_handle_t *handle, void *of) {
  struct search *search = of;
  uv_os_fd_t fd;
  if (handle->type != UV_TCP || uv_is_closing(handle) || uv_fileno(handle, &fd) != 0) return;
  if (fd == search->fd) search->found = (uv_stream_t *)handle;
}

/* The open TCP connection with that file descriptor, or NULL. */
static uv_stream_t *tcp_stream(uv_loop_t *loop, int32_t fd) {
  struct search search = {.fd = fd};
  uv_walk(loop, compare, &search);
  return search.found;
}
#endif
