import { ApiError } from '../../status.ts';

/** How a client wants its answer. */
export interface Format {
  readonly media: 'json' | 'yaml' | 'protobuf';
  readonly as: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | undefined;
  /** The group version of `as`. */
  readonly version: 'v1' | 'v1beta1';
}

export const PLAIN_JSON: Format = { media: 'json', as: undefined, version: 'v1' };

export const MEDIA_TYPES = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
} as const;

/** What kube-apiserver says it can write, as a 406 lists it. */
const OFFERED = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
].join(', ');

const MOST_KNOWN = 200;
const known = new Map<string, Format | undefined>();

/** Reads an Accept header (apiserver/pkg/endpoints/handlers/negotiation). Throws 406 when nothing of it can be written. */
export function negotiate(accept: string | undefined): Format {
  if (accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') return PLAIN_JSON;
  if (!known.has(accept)) {
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(accept, choose(accept));
  }
  const format = known.get(accept);
  if (format) return format;
  throw new ApiError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${OFFERED}`, {});
}

function choose(accept: string): Format | undefined {
  const clauses = accept
    .split(',')
    .slice(0, 50)
    .map((text, index) => readClause(text, index));
  clauses.sort((a, b) => b.quality - a.quality || a.index - b.index);
  for (const { media, parameters } of clauses) {
    const chosen = formatOf(media, parameters);
    if (chosen) return chosen;
  }
  return undefined;
}

function readClause(text: string, index: number) {
  const [media = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map(
    rest.map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? ([part, ''] as const) : ([part.slice(0, at), part.slice(at + 1)] as const);
    }),
  );
  const quality = Number(parameters.get('q') ?? 1);
  return { media: media.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality, index };
}

function formatOf(media: string, parameters: ReadonlyMap<string, string>): Format | undefined {
  let chosen: Format['media'];
  if (media === '*/*' || media === 'application/*' || media === MEDIA_TYPES.json) chosen = 'json';
  else if (media === MEDIA_TYPES.yaml) chosen = 'yaml';
  else if (media === MEDIA_TYPES.protobuf) chosen = 'protobuf';
  else return undefined;
  const as = parameters.get('as');
  if (as === undefined) return chosen === 'json' ? PLAIN_JSON : { media: chosen, as: undefined, version: 'v1' };
  const version = parameters.get('v');
  if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (as !== 'Table' && as !== 'PartialObjectMetadata' && as !== 'PartialObjectMetadataList') return undefined;
  // Tables have no protobuf form.
  if (chosen === 'protobuf') return undefined;
  return { media: chosen, as, version };
}
