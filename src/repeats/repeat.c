/* A Node-API addon: answers requests that repeat one which the server has answered. What for, and how it is used: binding.ts. */
#define NAPI_VERSION 8
#include "connections.h"

static char *text_of(napi_env env, napi_value value, size_t *length) {
  if (napi_get_value_string_latin1(env, value, NULL, 0, length) != napi_ok) return NULL;
  char *text = malloc(*length + 1);
  if (text != NULL) napi_get_value_string_latin1(env, value, text, *length + 1, length);
  return text;
}

static napi_value number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

static napi_value boolean(napi_env env, int value) {
  napi_value result = NULL;
  napi_get_boolean(env, value != 0, &result);
  return result;
}

static int32_t fd_of(napi_env env, napi_value value) {
  int32_t fd;
  return napi_get_value_int32(env, value, &fd) == napi_ok ? fd : -1;
}

static struct shelf *shelf_of(napi_env env, napi_value value) {
  void *shelf = NULL;
  return napi_get_value_external(env, value, &shelf) == napi_ok ? shelf : NULL;
}

static void arguments_of(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
}

/* hear(fd): number */
static napi_value hear(napi_env env, napi_callback_info info) {
  napi_value given[1];
  arguments_of(env, info, 1, given);
  const int32_t fd = fd_of(env, given[0]);
  struct connection *connection = connection_at(fd) != NULL ? connection_at(fd) : listen_to(fd);
  if (connection == NULL) return number(env, -1);
  if (is_heard(connection)) return number(env, connection->heard);
  connection->heard++;
  connection->last_length = 0;
  withdraw(connection);
  return number(env, hook(connection) ? connection->heard : -1);
}

/* grant(fd, heard, shelf, head, tailAt, begin, headers, leaseMs): boolean */
static napi_value grant(napi_env env, napi_callback_info info) {
  enum { FD, HEARD, SHELF, HEAD, TAIL_AT, BEGIN, HEADERS, LEASE, ARGUMENTS };
  napi_value given[ARGUMENTS];
  arguments_of(env, info, ARGUMENTS, given);
  struct connection *connection = connection_at(fd_of(env, given[FD]));
  struct shelf *shelf = shelf_of(env, given[SHELF]);
  double heard;
  uint32_t lease, tail_at;
  size_t head_length;
  if (connection == NULL || shelf == NULL || !is_heard(connection) ||
      napi_get_value_double(env, given[HEARD], &heard) != napi_ok || heard != connection->heard ||
      napi_get_value_uint32(env, given[TAIL_AT], &tail_at) != napi_ok ||
      napi_get_value_uint32(env, given[LEASE], &lease) != napi_ok)
    return boolean(env, 0);
  char *head = text_of(env, given[HEAD], &head_length);
  const int came_alone = head != NULL && tail_at < head_length && head_length == connection->last_length &&
                         memcmp(head, connection->last, head_length) == 0;
  free(head);
  if (!came_alone) return boolean(env, 0);
  withdraw(connection);
  connection->begin = text_of(env, given[BEGIN], &connection->begin_length);
  connection->headers = text_of(env, given[HEADERS], &connection->headers_length);
  if (connection->begin == NULL || connection->headers == NULL) {
    withdraw(connection);
    return boolean(env, 0);
  }
  connection->tail_at = tail_at;
  connection->shelf = shelf;
  connection->suspended = 0;
  connection->until = uv_now(module->loop) + lease;
  return boolean(env, 1);
}

/* resume(fd): boolean */
static napi_value resume(napi_env env, napi_callback_info info) {
  napi_value given[1];
  arguments_of(env, info, 1, given);
  struct connection *connection = connection_at(fd_of(env, given[0]));
  if (connection != NULL) connection->suspended = 0;
  return boolean(env, connection != NULL && connection->shelf != NULL);
}

/* forget(fd): void */
static napi_value forget_connection(napi_env env, napi_callback_info info) {
  napi_value given[1];
  arguments_of(env, info, 1, given);
  forget(fd_of(env, given[0]));
  return NULL;
}

static void withdraw_all(const struct shelf *of) {
  for (int32_t fd = 0; fd < module->capacity; fd++)
    if (module->connections[fd] != NULL && (of == NULL || module->connections[fd]->shelf == of))
      withdraw(module->connections[fd]);
}

/* withdrawAll(): void */
static napi_value withdraw_everything(napi_env env, napi_callback_info info) {
  (void)env, (void)info;
  withdraw_all(NULL);
  return NULL;
}

static void release_shelf(napi_env env, void *of, void *hint) {
  (void)hint;
  if (module != NULL) withdraw_all(of);
  take_off(env, of, -1);
  free(of);
}

/* shelf(): Shelf */
static napi_value create_shelf(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result = NULL;
  struct shelf *shelf = calloc(1, sizeof *shelf);
  if (shelf != NULL && napi_create_external(env, shelf, release_shelf, NULL, &result) != napi_ok) free(shelf);
  return result;
}

/* put(shelf, number, kind, name, head, pieces): boolean */
static napi_value put(napi_env env, napi_callback_info info) {
  enum { SHELF, NUMBER, KIND, NAME, HEAD, PIECES, ARGUMENTS };
  napi_value given[ARGUMENTS];
  arguments_of(env, info, ARGUMENTS, given);
  struct shelf *shelf = shelf_of(env, given[SHELF]);
  int32_t item_number;
  uint32_t kind;
  size_t name_length, head_length;
  if (shelf == NULL || napi_get_value_int32(env, given[NUMBER], &item_number) != napi_ok ||
      napi_get_value_uint32(env, given[KIND], &kind) != napi_ok || kind >= KINDS)
    return boolean(env, 0);
  char *name = text_of(env, given[NAME], &name_length), *head = text_of(env, given[HEAD], &head_length);
  struct item *item = name && head ? new_item(item_number, kind, name_length, head_length) : NULL;
  if (item != NULL) {
    memcpy(item->text, name, name_length);
    memcpy(item->text + name_length, head, head_length);
  }
  free(name);
  free(head);
  if (item == NULL) return boolean(env, 0);
  if (!refer_to(env, item, given[PIECES])) {
    free_item(env, item);
    return boolean(env, 0);
  }
  item->next = shelf->items;
  shelf->items = item;
  return boolean(env, 1);
}

/* take(shelf, number): void */
static napi_value take(napi_env env, napi_callback_info info) {
  napi_value given[2];
  arguments_of(env, info, 2, given);
  struct shelf *shelf = shelf_of(env, given[0]);
  int32_t item_number;
  if (shelf != NULL && napi_get_value_int32(env, given[1], &item_number) == napi_ok) take_off(env, shelf, item_number);
  return NULL;
}

/* answeredFrom(shelf): number */
static napi_value answered_from(napi_env env, napi_callback_info info) {
  napi_value given[1];
  arguments_of(env, info, 1, given);
  const struct shelf *shelf = shelf_of(env, given[0]);
  return number(env, shelf != NULL ? shelf->answered : 0);
}

/* answered(kind): number */
static napi_value answered(napi_env env, napi_callback_info info) {
  napi_value given[1];
  arguments_of(env, info, 1, given);
  uint32_t kind;
  return number(env, napi_get_value_uint32(env, given[0], &kind) == napi_ok && kind < KINDS ? module->answered[kind] : 0);
}

/* onRest(call): void */
static napi_value set_on_rest(napi_env env, napi_callback_info info) {
  napi_value given[1];
  arguments_of(env, info, 1, given);
  if (module->on_rest != NULL) napi_delete_reference(env, module->on_rest);
  module->on_rest = NULL;
  napi_create_reference(env, given[0], 1, &module->on_rest);
  return NULL;
}

NAPI_MODULE_INIT() {
  if (module != NULL) {
    napi_throw_error(env, NULL, "this addon serves one event loop, and does so already");
    return NULL;
  }
  const napi_property_descriptor functions[] = {
      {"hear", NULL, hear, NULL, NULL, NULL, napi_enumerable, NULL},
      {"grant", NULL, grant, NULL, NULL, NULL, napi_enumerable, NULL},
      {"resume", NULL, resume, NULL, NULL, NULL, napi_enumerable, NULL},
      {"forget", NULL, forget_connection, NULL, NULL, NULL, napi_enumerable, NULL},
      {"withdrawAll", NULL, withdraw_everything, NULL, NULL, NULL, napi_enumerable, NULL},
      {"shelf", NULL, create_shelf, NULL, NULL, NULL, napi_enumerable, NULL},
      {"put", NULL, put, NULL, NULL, NULL, napi_enumerable, NULL},
      {"take", NULL, take, NULL, NULL, NULL, napi_enumerable, NULL},
      {"answeredFrom", NULL, answered_from, NULL, NULL, NULL, napi_enumerable, NULL},
      {"answered", NULL, answered, NULL, NULL, NULL, napi_enumerable, NULL},
      {"onRest", NULL, set_on_rest, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  struct module *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->env = env;
  if (napi_get_uv_event_loop(env, &made->loop) != napi_ok ||
      napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions) != napi_ok) {
    free(made);
    return NULL;
  }
  module = made;
  return exports;
}
