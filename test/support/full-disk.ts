import { spawnSync } from 'node:child_process'

/** Whether a disk of any size can be mounted for a program alone. */
export const MAY_MOUNT =
  spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

/** A command that becomes another while `folder` is a disk of its own; `options` are those of tmpfs. */
export const onOwnDisk = (folder: string, options: string): readonly string[] => [
  'unshare',
  '--mount',
  'sh',
  '-euc',
  'mount -t tmpfs -o "$1" none "$0"; shift; exec "$@"',
  folder,
  options,
]

/** Where mounting is not allowed, as in most containers, files can at least be kept from growing. tap's own count too. */
export const inSmallFiles = (room: number): readonly string[] => [
  'sh',
  '-c',
  `ulimit -f ${Math.ceil(room / 512)}; exec env -u NODE_OPTIONS "$@"`,
  'sh',
]
