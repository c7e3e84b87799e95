import { humanDuration } from '../human-duration.ts';
import { humanSize } from '../human-size.ts';
import { lastOption, type Options } from '../command-line.ts';
import type { CriContainer, CriImage, CriSandbox } from './cri-runtime.ts';
import { containerRow, imageStatus, labelsOf, sandboxRow } from './describe.ts';
import { inOrder, printAs } from './output.ts';
import { CrictlError, type CriRequest } from './verb.ts';
import { wideTable } from '../wide-table.ts';

/** `crictl ps` (cri-tools cmd/crictl/container.go, OutputContainers). */
export async function listContainers(request: CriRequest): Promise<number> {
  const { runtime, options, clock } = request;
  const state = lastOption(options, 'state')?.toLowerCase();
  if (state !== undefined && !['created', 'running', 'exited', 'unknown'].includes(state))
    throw new CrictlError('--state should be one of created, running, exited or unknown');
  const isAnyState = (options.has('all') && state === undefined) || mostOf(options) < Number.POSITIVE_INFINITY;
  const namespace = patternOf(options, 'namespace');
  const name = patternOf(options, 'name');
  const image = lastOption(options, 'image');
  const rows = (await runtime.containers())
    .filter((one) => isAnyState || one.state.toLowerCase() === (state ?? 'running'))
    .filter((one) => name.test(one.name) && namespace.test(one.sandbox.namespace))
    .filter(({ sandbox }) => sandbox.id.startsWith(lastOption(options, 'pod') ?? ''))
    .filter(({ id }) => id.startsWith(lastOption(options, 'id') ?? ''))
    .filter((one) => hasLabels(labelsOf(one), options))
    .filter((one) => image === undefined || [one.image, one.imageId, one.imageRef].some((own) => own.includes(image)))
    .toSorted((a, b) => b.created.getTime() - a.created.getTime())
    .slice(0, mostOf(options));
  const isWhole = options.has('no-trunc');
  const ago = (at: Date): string => `${humanDuration(clock.now() - at.getTime())} ago`;
  const cells = (one: CriContainer): readonly string[] => [
    isWhole ? one.id : short(one.id),
    options.has('resolve-image-path') ? one.image : isWhole ? one.imageId : short(one.imageId),
    ago(one.created),
    one.state,
    one.name,
    String(one.attempt),
    isWhole ? one.sandbox.id : short(one.sandbox.id),
    one.sandbox.name,
    one.sandbox.namespace,
  ];
  return print(request, rows, {
    headings: ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'],
    cells,
    whole: () => ({ containers: rows.map(containerRow) }),
  });
}

/** `crictl pods` (cri-tools cmd/crictl/sandbox.go, OutputPodSandboxes). */
export async function listSandboxes(request: CriRequest): Promise<number> {
  const { runtime, options, clock } = request;
  const state = lastOption(options, 'state')?.toLowerCase();
  if (state !== undefined && !['ready', 'notready'].includes(state))
    throw new CrictlError('--state should be ready or notready');
  const [name, namespace] = [patternOf(options, 'name'), patternOf(options, 'namespace')];
  const rows = (await runtime.sandboxes())
    .filter((one) => name.test(one.name) && namespace.test(one.namespace))
    .filter(({ id }) => id.startsWith(lastOption(options, 'id') ?? ''))
    .filter(({ ready }) => state === undefined || ready === (state === 'ready'))
    .filter(({ labels }) => hasLabels(labels, options))
    .toSorted((a, b) => b.created.getTime() - a.created.getTime())
    .slice(0, mostOf(options));
  const cells = (one: CriSandbox): readonly string[] => [
    options.has('no-trunc') ? one.id : short(one.id),
    `${humanDuration(clock.now() - one.created.getTime())} ago`,
    one.ready ? 'Ready' : 'NotReady',
    one.name,
    one.namespace,
    String(one.attempt),
    one.handler === '' ? '(default)' : one.handler,
  ];
  return print(request, rows, {
    headings: ['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'],
    cells,
    whole: () => ({ items: rows.map(sandboxRow) }),
  });
}

/** `crictl images` (cri-tools cmd/crictl/image.go). */
export async function listImages(request: CriRequest): Promise<number> {
  const { runtime, options, words } = request;
  const [wanted] = words;
  const rows = (await runtime.images())
    .filter((one) => wanted === undefined || isNamed(one, wanted))
    .toSorted((a, b) => ((a.tags[0] ?? '') < (b.tags[0] ?? '') ? -1 : 1));
  const isWhole = options.has('no-trunc');
  const [digests, pinned] = [options.has('digests'), options.has('pinned')];
  const cells = (one: CriImage): readonly string[] => {
    const [tag = '<none>:<none>'] = one.tags;
    const colon = tag.lastIndexOf(':');
    const digest = one.digests[0]?.split('@')[1] ?? '<none>';
    return [
      tag.slice(0, colon),
      tag.slice(colon + 1),
      ...(digests ? [isWhole ? digest : short(digest)] : []),
      isWhole ? one.id : short(one.id),
      humanSize(one.bytes, 3),
      ...(pinned ? [String(one.pinned)] : []),
    ];
  };
  return print(request, rows, {
    headings: ['IMAGE', 'TAG', ...(digests ? ['DIGEST'] : []), 'IMAGE ID', 'SIZE', ...(pinned ? ['PINNED'] : [])],
    cells,
    whole: () => ({ images: rows.map(imageStatus) }),
  });
}

/** Whether somebody means that image: by a name with or without registry and tag, or by the beginning of its id. */
export function isNamed({ id, tags, digests }: CriImage, reference: string): boolean {
  const isId =
    /^(?:sha256:)?[0-9a-f]{3,64}$/.test(reference) && short(id, 64).startsWith(reference.replace('sha256:', ''));
  const names = [...tags, ...tags.map((tag) => tag.replace(/:[^/:]*$/, '')), ...digests];
  return (
    isId ||
    names.some((name) =>
      [name, name.replace('docker.io/', ''), name.replace('docker.io/library/', '')].includes(reference),
    )
  );
}

async function print<T extends { readonly id: string }>(
  request: CriRequest,
  rows: readonly T[],
  shown: {
    readonly headings: readonly string[];
    readonly cells: (row: T) => readonly string[];
    readonly whole: () => object;
  },
): Promise<number> {
  const { call, options } = request;
  const format = lastOption(options, 'output') ?? 'table';
  if (format === 'json' || format === 'yaml') await printAs(request, format, inOrder(shown.whole()));
  else if (format !== 'table') throw new CrictlError(`unsupported output format ${JSON.stringify(format)}`);
  else if (options.has('quiet')) await call.stdout(rows.map(({ id }) => `${id}\n`).join(''));
  else await call.stdout(wideTable([shown.headings, ...rows.map(shown.cells)]));
  return 0;
}

const short = (id: string, digits = 13): string => id.replace('sha256:', '').slice(0, digits);

/** How many rows `--latest` and `--last` leave. */
const mostOf = (options: Options): number =>
  options.has('latest') ? 1 : Number(lastOption(options, 'last') ?? 0) || Number.POSITIVE_INFINITY;

/** A learner's pattern is tried on names of pods; those are short, and so may it be. */
const MAX_PATTERN = 200;

function patternOf(options: Options, name: string): RegExp {
  const text = lastOption(options, name) ?? '';
  try {
    // What can go on for ever over a short name has a repetition within a repetition.
    if (text.length > MAX_PATTERN || /[+*}][^)]*\)[+*{]/.test(text))
      throw new CrictlError(`not simulated: so involved a pattern for --${name}`);
    return new RegExp(text);
  } catch (error) {
    if (error instanceof CrictlError) throw error;
    throw new CrictlError(`invalid regular expression ${JSON.stringify(text)}`, { cause: error });
  }
}

function hasLabels(labels: Readonly<Record<string, string>>, options: Options): boolean {
  return (options.get('label') ?? []).every((wanted) => {
    const [key = '', value, ...rest] = wanted.split('=');
    if (value === undefined || rest.length > 0) throw new CrictlError(`incorrectly specified label: ${wanted}`);
    return labels[key] === value;
  });
}
