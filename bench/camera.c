/*
 * Plays go2rtc for a benchmark: tapes (bench/cameras/tape.ts) in real time, one send per fragment and consumer, so that the
 * upstream of those who need one connection per viewer is not what is measured. Per consumer it does what go2rtc does:
 * waits for the next sync sample, counts decode times from 0.
 *
 *     camera NAME=TAPE…      prints its origin; GET /api/streams, /api/stream.mp4?src=, /api/ws?src=; ends on SIGTERM
 */
#include "socket.h"
#include <sys/stat.h>

struct fragment {
  uint64_t due, time;
  uint32_t track, sync, tfdt, number, mark, length, frame;
  uint8_t *bytes; /* with room for a WebSocket header before it */
  int header;
};

struct tape {
  uint64_t loop_ns, loop_ticks[2];
  uint32_t count, init_length, mime_length, frames;
  uint8_t *init;
  char *mime;
  int init_header;
  struct fragment *fragments;
};

struct consumer {
  int fd, websocket;
  enum { ASKING, GREETED, WAITING, PLAYING } state;
  struct camera *camera;
  struct consumer *next;
  struct rest rest;
  uint64_t base[2]; /* hub time of each track at its first fragment */
  int based[2];
  char request[4096];
  int length;
};

struct camera {
  char *name;
  struct tape *tape;
  uint64_t origin, round;
  uint32_t at;
  struct consumer *consumers;
};

enum { MOST_CAMERAS = 256 };
static struct camera cameras[MOST_CAMERAS];
static int camera_count, poller;

static const uint8_t *cursor;
static uint64_t take(int bytes) {
  uint64_t value = 0;
  memcpy(&value, cursor, bytes);
  cursor += bytes;
  return value;
}

static uint8_t *with_room(uint32_t length) {
  uint8_t *bytes = (uint8_t *)allocate(MOST_FRAME_HEADER + length) + MOST_FRAME_HEADER;
  memcpy(bytes, cursor, length);
  cursor += length;
  return bytes;
}

static struct tape *read_tape(const char *path) {
  FILE *file = fopen(path, "rb");
  struct stat status;
  if (!file || fstat(fileno(file), &status)) die(path);
  uint8_t *all = allocate(status.st_size);
  if (fread(all, 1, status.st_size, file) != (size_t)status.st_size) die(path);
  fclose(file);
  cursor = all;
  struct tape *tape = allocate(sizeof *tape);
  tape->loop_ns = take(8);
  for (int i = 0; i < 2; i++) tape->loop_ticks[i] = take(8);
  tape->frames = take(4);
  tape->count = take(4);
  tape->mime_length = take(4);
  tape->init_length = take(4);
  tape->mime = (char *)with_room(tape->mime_length);
  tape->init = with_room(tape->init_length);
  tape->init_header = frame_header(tape->init, tape->init_length);
  tape->fragments = allocate(tape->count * sizeof *tape->fragments);
  for (uint32_t i = 0; i < tape->count; i++) {
    struct fragment *f = &tape->fragments[i];
    f->due = take(8);
    f->time = take(8);
    uint32_t *words[] = {&f->track, &f->sync, &f->tfdt, &f->number, &f->mark, &f->frame, &f->length};
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) *words[w] = take(4);
    f->bytes = with_room(f->length);
    f->header = frame_header(f->bytes, f->length);
  }
  free(all);
  return tape;
}

static void leave(struct consumer *consumer) {
  if (consumer->camera)
    for (struct consumer **link = &consumer->camera->consumers; *link; link = &(*link)->next)
      if (*link == consumer) {
        *link = consumer->next;
        break;
      }
  close(consumer->fd);
  free(consumer->rest.bytes);
  free(consumer);
}

/* Returns 0 when the consumer has gone. */
static int put(struct consumer *consumer, const void *bytes, size_t length) {
  int waited = consumer->rest.bytes != NULL;
  if (send_or_keep(consumer->fd, &consumer->rest, bytes, length) < 0) {
    leave(consumer);
    return 0;
  }
  if (!waited && consumer->rest.bytes) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = consumer};
    epoll_ctl(poller, EPOLL_CTL_MOD, consumer->fd, &event);
  }
  return 1;
}

static void play(struct camera *camera, struct fragment *f) {
  struct tape *tape = camera->tape;
  uint64_t time = f->time + camera->round * tape->loop_ticks[f->track];
  uint32_t position = camera->at + camera->round * tape->count;
  memcpy(f->bytes + f->mark + MARK_NUMBER, &position, 4);
  if (f->number) write_be(f->bytes + f->number, f->frame + camera->round * tape->frames, 4);
  for (struct consumer *consumer = camera->consumers, *next; consumer; consumer = next) {
    next = consumer->next;
    if (consumer->state == WAITING && f->sync) consumer->state = PLAYING;
    if (consumer->state != PLAYING) continue;
    if (!consumer->based[f->track]) {
      consumer->based[f->track] = 1;
      consumer->base[f->track] = time;
    }
    write_be(f->bytes + f->tfdt, time - consumer->base[f->track], 8);
    uint64_t sent = now_ns();
    memcpy(f->bytes + f->mark + MARK_TIME, &sent, 8);
    int header = consumer->websocket ? f->header : 0;
    put(consumer, f->bytes - header, f->length + header);
  }
}

/* Plays what is due; milliseconds until more is. */
static int play_due(void) {
  uint64_t now = now_ns(), soonest = now + 1000000000;
  for (int i = 0; i < camera_count; i++) {
    struct camera *camera = &cameras[i];
    for (;;) {
      struct fragment *f = &camera->tape->fragments[camera->at];
      uint64_t due = camera->origin + camera->round * camera->tape->loop_ns + f->due;
      if (due > now) {
        if (due < soonest) soonest = due;
        break;
      }
      play(camera, f);
      if (++camera->at == camera->tape->count) {
        camera->at = 0;
        camera->round++;
      }
    }
  }
  now = now_ns();
  return soonest > now ? (soonest - now + 999999) / 1000000 : 0;
}

static struct camera *camera_named(const char *name) {
  for (int i = 0; name && i < camera_count; i++)
    if (!strcmp(cameras[i].name, name)) return &cameras[i];
  return NULL;
}

static void answer_list(struct consumer *consumer) {
  static char body[MOST_CAMERAS * 160], reply[MOST_CAMERAS * 160 + 256];
  int length = sprintf(body, "{");
  for (int i = 0; i < camera_count; i++) {
    int consumers = 0;
    for (struct consumer *one = cameras[i].consumers; one; one = one->next) consumers++;
    length += sprintf(body + length, "%s\"%s\":{\"producers\":[{\"url\":\"rtsp://127.0.0.1/\"}],\"consumers\":[%.*s]}",
                      i ? "," : "", cameras[i].name, consumers > 0 ? 2 : 0, "{}");
  }
  length += sprintf(body + length, "}\n");
  int total = sprintf(reply, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", length, body);
  put(consumer, reply, total);
}

static void answer(struct consumer *consumer) {
  char *request = consumer->request;
  consumer->length = 0;
  if (!strncmp(request, "GET /api/streams", 16)) {
    answer_list(consumer);
    return;
  }
  int websocket = !strncmp(request, "GET /api/ws?", 12);
  struct camera *camera = camera_named(source_of(request));
  if (!camera || (!websocket && strncmp(request, "GET /api/stream.mp4?", 20))) {
    static const char missing[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    put(consumer, missing, sizeof missing - 1);
    return;
  }
  consumer->camera = camera;
  consumer->next = camera->consumers;
  camera->consumers = consumer;
  consumer->websocket = websocket;
  consumer->state = websocket ? GREETED : WAITING;
  if (websocket) put(consumer, SWITCHING, sizeof SWITCHING - 1);
  else {
    struct tape *tape = camera->tape;
    char head[512 + tape->mime_length + tape->init_length];
    int length = sprintf(head, "HTTP/1.1 200 OK\r\nContent-Type: %.*s\r\nConnection: close\r\n\r\n",
                         (int)tape->mime_length, tape->mime);
    memcpy(head + length, tape->init, tape->init_length);
    put(consumer, head, length + tape->init_length);
  }
}

/* The first thing that a WebSocket player says is what it can play. */
static void greet(struct consumer *consumer) {
  struct tape *tape = consumer->camera->tape;
  char message[MOST_FRAME_HEADER + 512], *json = message + MOST_FRAME_HEADER, escaped[256];
  int length = 0;
  for (uint32_t i = 0; i < tape->mime_length; i++) {
    if (tape->mime[i] == '"') escaped[length++] = '\\';
    escaped[length++] = tape->mime[i];
  }
  int total = sprintf(json, "{\"type\":\"mse\",\"value\":\"%.*s\"}", length, escaped);
  int header = frame_header((uint8_t *)json, total);
  json[-header] = (char)0x81;
  consumer->state = WAITING;
  if (!put(consumer, json - header, header + total)) return;
  put(consumer, tape->init - tape->init_header, tape->init_header + tape->init_length);
}

static void read_consumer(struct consumer *consumer) {
  int room = sizeof consumer->request - 1 - consumer->length;
  ssize_t got = recv(consumer->fd, consumer->request + consumer->length, room, MSG_DONTWAIT);
  if (got == 0 || (got < 0 && errno != EAGAIN)) {
    leave(consumer);
    return;
  }
  if (got < 0) return;
  if (consumer->state == GREETED) greet(consumer);
  if (consumer->state != ASKING) return;
  consumer->length += got;
  consumer->request[consumer->length] = 0;
  if (strstr(consumer->request, "\r\n\r\n")) answer(consumer);
  else if (consumer->length == sizeof consumer->request - 1) leave(consumer);
}

int main(int argc, char **argv) {
  if (argc < 2) die("camera PORT NAME=TAPE …");
  raise_file_limit();
  for (int i = 2; i < argc && camera_count < MOST_CAMERAS; i++) {
    struct camera *camera = &cameras[camera_count++];
    char *path = strchr(argv[i], '=');
    if (!path) die("NAME=TAPE");
    *path++ = 0;
    camera->name = argv[i];
    for (int j = 2; j < i && !camera->tape; j++)
      if (!strcmp(argv[j] + strlen(argv[j]) + 1, path)) camera->tape = cameras[j - 2].tape;
    if (!camera->tape) camera->tape = read_tape(path);
    /* Out of step with one another, as cameras are. */
    camera->origin = now_ns() - (i - 2) * (camera->tape->loop_ns / 61);
  }
  poller = epoll_create1(EPOLL_CLOEXEC);
  int listener = listen_and_say(atoi(argv[1]));
  struct epoll_event event = {.events = EPOLLIN}, events[512];
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int count = epoll_wait(poller, events, 512, play_due());
    for (int i = 0; i < count; i++) {
      struct consumer *consumer = events[i].data.ptr;
      if (!consumer) {
        int fd;
        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
          consumer = allocate(sizeof *consumer);
          consumer->fd = fd;
          no_delay(fd);
          struct epoll_event in = {.events = EPOLLIN, .data.ptr = consumer};
          epoll_ctl(poller, EPOLL_CTL_ADD, fd, &in);
        }
        continue;
      }
      if (events[i].events & EPOLLOUT) {
        int sent = send_rest(consumer->fd, &consumer->rest);
        if (sent < 0) {
          leave(consumer);
          continue;
        }
        if (sent) {
          struct epoll_event in = {.events = EPOLLIN, .data.ptr = consumer};
          epoll_ctl(poller, EPOLL_CTL_MOD, consumer->fd, &in);
        }
      }
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_consumer(consumer);
    }
  }
}
