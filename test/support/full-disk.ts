import { spawnSync } from 'node:child_process'

/** What gives a program mounts of its own: as root, or where everybody may have a user namespace. */
const WAYS = [
  ['unshare', '--mount'],
  ['unshare', '--user', '--map-root-user', '--mount'],
]
const way = WAYS.find(
  ([command, ...args]) => spawnSync(command!, [...args, 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0,
)

/** For `skip`: why there is no disk that can be full. Nothing less is tested instead. */
export const NO_OWN_DISK: string | false = way
  ? false
  : 'no disk can be mounted here: that takes root, or user namespaces'

/** A command that runs `script` of sh with `args` as `$0`, `$1`…, and may mount what nobody else sees. */
export const withOwnMounts = (script: string, ...args: string[]): readonly string[] => [
  ...(way ?? []),
  'sh',
  '-euc',
  script,
  ...args,
]

/** A command that becomes another while `folder` is a disk of its own; `options` are those of tmpfs. */
export const onOwnDisk = (folder: string, options: string): readonly string[] =>
  withOwnMounts('mount -t tmpfs -o "$1" none "$0"; shift; exec "$@"', folder, options)
