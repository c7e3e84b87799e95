import { CURL_FILES, GOLANG_FILES, NODE_FILES, PYTHON_FILES } from './files.ts';
import type { Image } from './image.ts';
import { AGNHOST_TAGS, CURL_TAGS, GOLANG_TAGS, NODE_TAGS, PYTHON_TAGS } from './tags.ts';

const MB = 1_000_000;

/** Images of an interpreter or a compiler on Debian, none of which a lab has: their programs say so. */
const INTERPRETERS: readonly Pick<Image, 'repository' | 'tags' | 'command' | 'bytes' | 'files'>[] = [
  { repository: 'python', tags: PYTHON_TAGS, command: ['python3'], bytes: 45 * MB, files: PYTHON_FILES },
  { repository: 'node', tags: NODE_TAGS, command: ['node'], bytes: 80 * MB, files: NODE_FILES },
  { repository: 'golang', tags: GOLANG_TAGS, command: ['bash'], bytes: 300 * MB, files: GOLANG_FILES },
];

/** Small servers, tools and what applications are built from: images that tutorials and exercises use. */
export const EXERCISE_IMAGES: readonly Image[] = [
  ...[
    { tags: ['latest', '1.0', '1.0.0'], user: '65532:65532' },
    { tags: ['0.2.1', '0.2.3'], user: '' },
  ].map((release): Image => ({
    ...release,
    repository: 'hashicorp/http-echo',
    entrypoint: ['/http-echo'],
    command: [],
    listens: [5678],
    behaviour: 'serves',
    programs: ['http-echo'],
    log: [],
    bytes: 3 * MB,
  })),
  {
    repository: 'registry.k8s.io/e2e-test-images/agnhost',
    tags: AGNHOST_TAGS,
    user: '',
    entrypoint: ['/agnhost'],
    command: ['pause'],
    listens: [],
    behaviour: 'serves',
    programs: ['agnhost'],
    log: [],
    bytes: 52 * MB,
  },
  ...INTERPRETERS.map((base): Image => ({
    ...base,
    user: '',
    entrypoint: [],
    listens: [],
    behaviour: 'exits',
    log: [],
  })),
  {
    repository: 'curlimages/curl',
    tags: CURL_TAGS,
    user: 'curl_user',
    entrypoint: ['/entrypoint.sh'],
    command: ['curl'],
    listens: [],
    behaviour: 'exits',
    files: CURL_FILES,
    log: [],
    bytes: 10 * MB,
  },
];
