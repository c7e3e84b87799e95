import { optionTable } from '../command-line.ts';
import { showInfo, showVersion } from './about.ts';
import { pullImage, removeContainers, removeImages, stopContainers } from './changes.ts';
import { execInContainer } from './exec.ts';
import { inspectContainers, inspectImages, inspectSandboxes } from './inspect.ts';
import { listContainers, listImages, listSandboxes } from './lists.ts';
import { showLogs } from './logs.ts';
import type { Verb } from './verb.ts';

const INSPECT = optionTable('-o --output=', '-q --quiet', '--template=');
const LIST = ['-q --quiet', '--no-trunc', '-o --output=', '-l --latest', '-n --last='];
const CONTAINERS = 'CONTAINER-ID [CONTAINER-ID...]';

/** crictl's commands by name (cri-tools cmd/crictl). */
export const VERBS: Readonly<Record<string, Verb>> = {
  exec: {
    description: 'Run a command in a running container',
    usage: 'CONTAINER-ID COMMAND [ARG...]',
    table: optionTable('-s --sync', '--timeout=', '-t --tty', '-i --interactive'),
    run: execInContainer,
  },
  images: {
    description: 'List images',
    usage: '[REPOSITORY[:TAG]]',
    table: optionTable('-q --quiet', '--no-trunc', '-o --output=', '--digests', '--pinned'),
    run: listImages,
  },
  info: {
    description: 'Display information of the container runtime',
    usage: '',
    table: optionTable('-o --output=', '-q --quiet', '--template='),
    run: showInfo,
  },
  inspect: {
    description: 'Display the status of one or more containers',
    usage: CONTAINERS,
    table: INSPECT,
    run: inspectContainers,
  },
  inspecti: {
    description: 'Return the status of one or more images',
    usage: 'IMAGE-ID [IMAGE-ID...]',
    table: INSPECT,
    run: inspectImages,
  },
  inspectp: {
    description: 'Display the status of one or more pods',
    usage: 'POD-ID [POD-ID...]',
    table: INSPECT,
    run: inspectSandboxes,
  },
  logs: {
    description: 'Fetch the logs of a container',
    usage: 'CONTAINER-ID',
    table: optionTable('--tail=', '-t --timestamps', '-p --previous', '-f --follow', '--since=', '--limit-bytes='),
    run: showLogs,
  },
  pods: {
    description: 'List pods',
    usage: '',
    table: optionTable(...LIST, '--id=', '--name=', '--namespace=', '-s --state=', '--label='),
    run: listSandboxes,
  },
  ps: {
    description: 'List containers',
    usage: '',
    table: optionTable(
      ...LIST,
      '-a --all',
      '--id=',
      '--name=',
      '--namespace=',
      '-s --state=',
      '-p --pod=',
      '--image=',
      '--label=',
      '-r --resolve-image-path',
    ),
    run: listContainers,
  },
  pull: {
    description: 'Pull an image from a registry',
    usage: 'NAME[:TAG|@DIGEST]',
    table: optionTable('--pull-timeout='),
    run: pullImage,
  },
  rm: {
    description: 'Remove one or more containers',
    usage: CONTAINERS,
    table: optionTable('-f --force', '-a --all'),
    run: removeContainers,
  },
  rmi: {
    description: 'Remove one or more images',
    usage: 'IMAGE-ID [IMAGE-ID...]',
    table: optionTable('-a --all', '-q --prune'),
    run: removeImages,
  },
  stop: {
    description: 'Stop one or more running containers',
    usage: CONTAINERS,
    table: optionTable('-t --timeout=', '-a --all'),
    run: stopContainers,
  },
  version: { description: 'Display runtime version information', usage: '', table: {}, run: showVersion },
};

/** Other names of the same commands. */
export const ALIASES: Readonly<Record<string, string>> = { img: 'images', image: 'images' };

const MADE_BY_KUBELET = 'what runs on a node of a lab comes from its kubelet';
const ENDS_WITH_POD = 'a sandbox lives as long as its pod; crictl stop ends its containers, kubectl delete its pod';
const NOT_MEASURED = 'nothing measures what containers of a lab use';

/** Commands that crictl has besides, and why a lab has them not. */
export const NOT_SIMULATED: Readonly<Record<string, string>> = {
  attach: 'joining a container’s own streams; there is kubectl attach',
  checkpoint: 'checkpoints',
  completion: 'completion of its command line',
  config: 'changing /etc/crictl.yaml by command; edit the file',
  create: MADE_BY_KUBELET,
  events: 'the stream of the runtime’s events',
  imagefsinfo: NOT_MEASURED,
  metricdescs: NOT_MEASURED,
  metricsp: NOT_MEASURED,
  'port-forward': 'ports of a sandbox; there is kubectl port-forward',
  rmp: ENDS_WITH_POD,
  run: MADE_BY_KUBELET,
  runp: MADE_BY_KUBELET,
  'runtime-config': 'the runtime’s configuration over the CRI; it is in /etc/containerd/config.toml',
  start: MADE_BY_KUBELET,
  stats: NOT_MEASURED,
  statsp: NOT_MEASURED,
  stopp: ENDS_WITH_POD,
  update: 'limits of a container that runs',
  'update-runtime-config': 'the runtime’s configuration over the CRI; it is in /etc/containerd/config.toml',
};
