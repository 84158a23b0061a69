/** RFC 6455, 7.4: what players are told when they are let go. */
export const GOING_AWAY = 1001
/** The session or the permission has ended: connecting again is of no use. */
export const POLICY_VIOLATION = 1008
/** Come back: the server restarts, or the camera has other tracks now. */
export const SERVICE_RESTART = 1012
export const TRY_AGAIN_LATER = 1013
