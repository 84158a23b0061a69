import { defineError } from '../errors.ts'

/** Also where the session has ended or the camera may be seen no more: a path says nothing of what it once was. */
export const HandleUnknown = defineError('HANDLE_UNKNOWN', 'This address does not exist', 404)
export const HandleOfAnother = defineError('HANDLE_OF_ANOTHER', 'This address is another user’s', 403)
