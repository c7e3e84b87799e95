import { encodeFrame, type Field } from '../hosts/frames.ts';
import { COMMAND_SOCKET } from './image-commands.ts';
import { MACHINE } from './machine-programs.ts';
import type { ContainerLaunch, ImageCommands, LaunchMount, TaskName, VolumeEntry } from './sandbox.ts';

const CONTAINERD = '/run/containerd/containerd.sock';

/** What a supervisor is told of a container that it is to start in a pod, as hosts/agent/container.pl takes it. */
export function launchFields(
  name: string,
  pod: string,
  launch: ContainerLaunch,
  { namespace, id }: TaskName = { namespace: 'k8s.io', id: '' },
): readonly Field[] {
  const streams = { output: 'output', 'input and output': 'input', terminal: 'terminal', placeholder: 'placeholder' };
  return [
    name,
    pod,
    [launch.uid, launch.gid, ...launch.groups].join(' '),
    words([Number(launch.noNewPrivileges), ...launch.capabilities]),
    launch.readOnlyRoot ? 1 : 0,
    launch.cwd,
    streams[launch.streams],
    launch.among?.name ?? '',
    words(['/usr/bin/containerd-shim-runc-v2', '-namespace', namespace, '-id', id, '-address', CONTAINERD]),
    launch.memory ?? 0,
    words(launch.filters ?? []),
    words([...commandMounts(name, launch.commands), ...launch.mounts].flatMap(mountFields)),
    words([...launch.files, ...(launch.commands?.files ?? [])].flatMap(entryFields)),
    words(Object.entries(launch.env).flat()),
    words(wordsOf(launch)),
  ];
}

/** A placeholder's words have its program before them, which is another thing. */
function wordsOf({ argv, streams, shown }: ContainerLaunch): readonly string[] {
  if (streams !== 'placeholder') return argv;
  return shown === undefined ? [argv[0] ?? '', ...argv] : [shown.program, ...shown.words];
}

const mountFields = ({ node = '', source, subPath, target, readOnly }: LaunchMount): readonly Field[] => [
  node,
  source,
  subPath,
  target,
  readOnly ? 'ro' : 'make',
];

/** What shows a container the client of its modelled programs, and the socket that this calls. */
const commandMounts = (container: string, commands: ImageCommands | undefined): readonly LaunchMount[] =>
  commands === undefined
    ? []
    : [
        ...commands.mounts,
        {
          node: MACHINE,
          source: `/sys/lab/shells/${container}.commands`,
          subPath: '',
          target: COMMAND_SOCKET,
          readOnly: true,
        },
      ];

/** A list in one field of a frame. */
const words = (fields: readonly Field[]): Buffer => encodeFrame(fields).subarray(4);

/** An entry of a volume or of a root. */
export function entryFields(entry: VolumeEntry): Field[] {
  if (entry.kind === 'gone') return ['gone', 0, entry.path, ''];
  if (entry.kind === 'memory') return ['memory', entry.mode.toString(8), entry.path, String(entry.bytes)];
  if (entry.kind === 'owner') return ['owner', 0, entry.path, `${entry.uid}:${entry.gid}`];
  return [entry.kind, entry.mode.toString(8), entry.path, entry.data];
}
