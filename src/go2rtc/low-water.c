/* A Node-API addon: the low-water mark of a socket. What for, and how it is used: low-water.ts. */
#define NAPI_VERSION 8
#include <node_api.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* set(fd: number, bytes: number): boolean */
static napi_value set(napi_env env, napi_callback_info info) {
  napi_value given[2], result = NULL;
  size_t count = 2;
  int32_t fd, bytes;
  napi_get_cb_info(env, info, &count, given, NULL, NULL);
  if (napi_get_value_int32(env, given[0], &fd) != napi_ok || napi_get_value_int32(env, given[1], &bytes) != napi_ok) {
    napi_throw_type_error(env, NULL, "set(fd, bytes)");
    return NULL;
  }
  napi_get_boolean(env, setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes) == 0, &result);
  return result;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {{"set", NULL, set, NULL, NULL, NULL, napi_enumerable, NULL}};
  return napi_define_properties(env, exports, 1, functions) == napi_ok ? exports : NULL;
}
