import { defineError } from '../errors.ts'

/** Also where the user may not see it: whoever may not see a camera is not told that it exists. */
export const CameraNotFound = defineError('CAMERA_NOT_FOUND', 'Camera not found', 404)
export const SnapshotUnavailable = defineError('SNAPSHOT_UNAVAILABLE', 'No picture of this camera: %s', 502)
