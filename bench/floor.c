/*
 * The floor: the least that a fan-out of single fragments can cost. One upstream reader per camera that is watched, one `send`
 * per fragment and viewer, epoll; no login, no keyframe kept, no decode times, no limits beyond what `socket.h` has.
 *
 *     floor UPSTREAM_PORT      prints its origin; GET /api/stream.mp4?src=, /api/ws?src=; ends on SIGTERM
 */
#include "socket.h"

enum { MOST_FRAGMENT = 4 << 20, MOST_HEAD = 4096 };

struct viewer {
  enum { VIEWER, CAMERA, GONE } kind;
  int fd, websocket, length;
  struct camera *camera;
  struct viewer *next;
  struct rest rest;
  enum { ASKING, GREETED, WATCHING } state;
  char request[MOST_HEAD];
};

struct camera {
  int kind, fd; /* -1 while nobody watches */
  struct camera *next;
  struct viewer *viewers;
  char name[64];
  /* Bytes of the fragment that is being read, with room for a WebSocket header before it. */
  uint8_t *bytes;
  size_t length;
  int answered;
  uint8_t init[MOST_HEAD];
  size_t init_length;
};

static int poller, upstream;
static struct camera *cameras;
/* Freed when the events that may name them have been handled. */
static struct viewer *gone;

static void watch(int fd, void *of, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data.ptr = of};
  epoll_ctl(poller, operation, fd, &event);
}

static struct camera *camera_named(const char *name) {
  for (struct camera *camera = cameras; camera; camera = camera->next)
    if (!strcmp(camera->name, name)) return camera;
  struct camera *camera = allocate(sizeof *camera);
  camera->kind = CAMERA;
  camera->fd = -1;
  camera->bytes = (uint8_t *)allocate(MOST_FRAME_HEADER + MOST_FRAGMENT) + MOST_FRAME_HEADER;
  snprintf(camera->name, sizeof camera->name, "%s", name);
  camera->next = cameras;
  return cameras = camera;
}

static struct camera *open_camera(const char *name) {
  struct camera *camera = camera_named(name);
  if (camera->fd >= 0) return camera;
  camera->fd = connect_to(upstream, 0);
  camera->length = camera->init_length = camera->answered = 0;
  char request[256];
  int length = snprintf(request, sizeof request, "GET /api/stream.mp4?src=%s HTTP/1.1\r\nHost: floor\r\n\r\n", name);
  if (send(camera->fd, request, length, MSG_NOSIGNAL) != length) die("upstream");
  watch(camera->fd, camera, EPOLLIN, EPOLL_CTL_ADD);
  return camera;
}

static void close_camera(struct camera *camera) {
  close(camera->fd);
  camera->fd = -1;
}

static void leave(struct viewer *viewer) {
  if (viewer->camera)
    for (struct viewer **link = &viewer->camera->viewers; *link; link = &(*link)->next)
      if (*link == viewer) {
        *link = viewer->next;
        break;
      }
  if (viewer->camera && !viewer->camera->viewers) close_camera(viewer->camera);
  close(viewer->fd);
  free(viewer->rest.bytes);
  viewer->kind = GONE;
  viewer->next = gone;
  gone = viewer;
}

static void bury(void) {
  for (struct viewer *next; gone; gone = next) {
    next = gone->next;
    free(gone);
  }
}

static int put(struct viewer *viewer, const void *bytes, size_t length) {
  int waited = viewer->rest.bytes != NULL;
  if (send_or_keep(viewer->fd, &viewer->rest, bytes, length) < 0) {
    leave(viewer);
    return 0;
  }
  if (!waited && viewer->rest.bytes) watch(viewer->fd, viewer, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  return 1;
}

static void put_init(struct viewer *viewer) {
  struct camera *camera = viewer->camera;
  uint8_t message[MOST_FRAME_HEADER + MOST_HEAD], *bytes = message + MOST_FRAME_HEADER;
  memcpy(bytes, camera->init, camera->init_length);
  int header = viewer->websocket ? frame_header(bytes, camera->init_length) : 0;
  put(viewer, bytes - header, header + camera->init_length);
}

/* What lies before the fragment has been sent already, so that the header may go there. */
static void fan_out(struct camera *camera, uint8_t *fragment, size_t length) {
  int header = frame_header(fragment, length);
  for (struct viewer *viewer = camera->viewers, *next; viewer; viewer = next) {
    next = viewer->next;
    int extra = viewer->websocket ? header : 0;
    if (viewer->state == WATCHING) put(viewer, fragment - extra, length + extra);
  }
}

static uint32_t box_size(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

/* The length of the first two boxes (ftyp and moov, or moof and mdat); 0 while they are not all there. */
static size_t two_boxes(const uint8_t *bytes, size_t length) {
  if (length < 16) return 0;
  size_t first = box_size(bytes);
  if (length < first + 8) return 0;
  size_t both = first + box_size(bytes + first);
  return both <= length ? both : 0;
}

static void read_camera(struct camera *camera) {
  if (camera->fd < 0) return;
  ssize_t got = recv(camera->fd, camera->bytes + camera->length, MOST_FRAGMENT - camera->length, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) die("the camera");
  camera->length += got;
  size_t at = 0, size;
  if (!camera->answered) {
    uint8_t *end = memmem(camera->bytes, camera->length, "\r\n\r\n", 4);
    if (!end) return;
    camera->answered = 1;
    at = end + 4 - camera->bytes;
  }
  while ((size = two_boxes(camera->bytes + at, camera->length - at))) {
    if (camera->init_length) fan_out(camera, camera->bytes + at, size);
    else if (size < MOST_HEAD) {
      memcpy(camera->init, camera->bytes + at, camera->init_length = size);
      for (struct viewer *viewer = camera->viewers, *next; viewer; viewer = next) {
        next = viewer->next;
        if (viewer->state == WATCHING) put_init(viewer);
      }
    } else die("the init segment");
    at += size;
  }
  memmove(camera->bytes, camera->bytes + at, camera->length - at);
  camera->length -= at;
}

static void begin(struct viewer *viewer) {
  viewer->state = WATCHING;
  if (viewer->camera->init_length) put_init(viewer);
}

static void answer(struct viewer *viewer) {
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nConnection: close\r\n\r\n";
  viewer->websocket = !strncmp(viewer->request, "GET /api/ws?", 12);
  char *name = source_of(viewer->request);
  if (!name) {
    leave(viewer);
    return;
  }
  viewer->camera = open_camera(name);
  viewer->next = viewer->camera->viewers;
  viewer->camera->viewers = viewer;
  viewer->state = GREETED;
  int sent = viewer->websocket ? put(viewer, SWITCHING, sizeof SWITCHING - 1) : put(viewer, head, sizeof head - 1);
  if (sent && !viewer->websocket) begin(viewer);
}

static void read_viewer(struct viewer *viewer) {
  ssize_t got = recv(viewer->fd, viewer->request + viewer->length, MOST_HEAD - 1 - viewer->length, MSG_DONTWAIT);
  if (got == 0 || (got < 0 && errno != EAGAIN)) leave(viewer);
  if (got <= 0) return;
  if (viewer->state == GREETED && viewer->websocket) begin(viewer);
  if (viewer->state != ASKING) return;
  viewer->length += got;
  viewer->request[viewer->length] = 0;
  if (!strstr(viewer->request, "\r\n\r\n")) return;
  viewer->length = 0;
  answer(viewer);
}

static void write_viewer(struct viewer *viewer) {
  int sent = send_rest(viewer->fd, &viewer->rest);
  if (sent < 0) leave(viewer);
  else if (sent) watch(viewer->fd, viewer, EPOLLIN, EPOLL_CTL_MOD);
}

int main(int argc, char **argv) {
  if (argc < 2) die("floor UPSTREAM_PORT");
  upstream = atoi(argv[1]);
  raise_file_limit();
  poller = epoll_create1(EPOLL_CLOEXEC);
  int listener = listen_and_say(0);
  struct epoll_event events[512];
  watch(listener, NULL, EPOLLIN, EPOLL_CTL_ADD);
  for (;;) {
    int count = epoll_wait(poller, events, 512, -1);
    for (int i = 0; i < count; i++) {
      struct viewer *viewer = events[i].data.ptr;
      if (!viewer) {
        int fd;
        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
          viewer = allocate(sizeof *viewer);
          viewer->fd = fd;
          no_delay(fd);
          watch(fd, viewer, EPOLLIN, EPOLL_CTL_ADD);
        }
      } else if (viewer->kind == GONE) continue;
      else if (viewer->kind == CAMERA) read_camera((struct camera *)viewer);
      else if (events[i].events & EPOLLOUT) write_viewer(viewer);
      else read_viewer(viewer);
    }
    bury();
  }
}
