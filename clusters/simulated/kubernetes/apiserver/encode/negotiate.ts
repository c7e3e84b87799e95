import { ApiError } from '../../status.ts';

/** How a client wants its answer. */
export interface Format {
  readonly media: 'json' | 'yaml' | 'protobuf';
  readonly as: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | undefined;
  /** The group version of `as`. */
  readonly version: 'v1' | 'v1beta1';
}

const PLAIN_JSON: Format = { media: 'json', as: undefined, version: 'v1' };

export const MEDIA_TYPES = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
} as const;

/** What kube-apiserver says it can write, as a 406 lists it; YAML has no frames to stream in. */
const WHOLE: readonly string[] = Object.values(MEDIA_TYPES);
const STREAMED = [`${MEDIA_TYPES.json};stream=watch`, `${MEDIA_TYPES.protobuf};stream=watch`];
const OFFERED = [...WHOLE, ...STREAMED].join(', ');

const MOST_KNOWN = 200;
const known = new Map<string, Format | undefined>();

/**
 * Reads an Accept header (apiserver/pkg/endpoints/handlers/negotiation). `custom` is said of custom resources, which have no protobuf form
 * but that of their metadata (RequestScope.StandardSerializers). Throws 406 when nothing of it can be written.
 */
export function negotiate(accept: string | undefined, custom = false): Format {
  if (accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') return PLAIN_JSON;
  const format = knownChoice(accept, custom);
  if (format) return format;
  // No go-restful stands before custom resources.
  throw custom || isRouted(accept) ? onlyAccepted(WHOLE) : notRouted();
}

/** The format of a watch's frames. YAML is not streamed, whatever comes after it (NegotiateOutputMediaTypeStream). */
export function negotiateStream(accept: string | undefined, custom: boolean): Format {
  if (accept === undefined || accept === '') return PLAIN_JSON;
  const format = knownChoice(accept, custom);
  if (format && format.media !== 'yaml') return format;
  throw custom || isRouted(accept) ? onlyAccepted(STREAMED) : notRouted();
}

const onlyAccepted = (types: readonly string[]): ApiError =>
  new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`);

/** What go-restful says to a media type that no route produces. */
const notRouted = (): ApiError =>
  new ApiError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${OFFERED}`, {});

const isRouted = (accept: string): boolean =>
  accept.split(',').some((clause) => {
    const media = clause.split(';', 1)[0]!.trim();
    return media === '*/*' || WHOLE.includes(media);
  });

function knownChoice(accept: string, custom: boolean): Format | undefined {
  const key = custom ? `custom ${accept}` : accept;
  if (!known.has(key)) {
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, choose(accept, custom));
  }
  return known.get(key);
}

function choose(accept: string, custom: boolean): Format | undefined {
  const clauses = accept
    .split(',')
    .slice(0, 50)
    .map((text, index) => readClause(text, index));
  clauses.sort((a, b) => b.quality - a.quality || a.index - b.index);
  for (const { media, parameters } of clauses) {
    const chosen = formatsOf(media, parameters).find(
      ({ media, as }) => !custom || media !== 'protobuf' || as !== undefined,
    );
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

/** What a clause may stand for, best first (acceptMediaTypeOptions). */
function formatsOf(media: string, parameters: ReadonlyMap<string, string>): Format[] {
  const names = (Object.keys(MEDIA_TYPES) as Format['media'][]).filter(
    (name) => media === '*/*' || media === 'application/*' || media === MEDIA_TYPES[name],
  );
  return names.flatMap((name) => formatOf(name, parameters) ?? []);
}

function formatOf(media: Format['media'], parameters: ReadonlyMap<string, string>): Format | undefined {
  const stream = parameters.get('stream') ?? '';
  if (stream !== '' && (stream !== 'watch' || media === 'yaml')) return undefined;
  const as = parameters.get('as');
  if (as === undefined) return media === 'json' ? PLAIN_JSON : { media, as: undefined, version: 'v1' };
  const version = parameters.get('v');
  if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (as !== 'Table' && as !== 'PartialObjectMetadata' && as !== 'PartialObjectMetadataList') return undefined;
  // Tables have no protobuf form.
  return media === 'protobuf' && as === 'Table' ? undefined : { media, as, version };
}
