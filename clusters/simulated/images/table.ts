import { alpine } from './contents/alpine.ts';
import { RELEASE } from '../kubernetes/bootstrap/release.ts';
import {
  ALPINE_CONTENTS,
  DEBIAN_CONTENTS,
  emptyContents,
  NGINX_CONTENTS,
  POSTGRES_CONTENTS,
  REDIS_CONTENTS,
} from './contents/packages-of-tags.ts';
import { HTTPD_FILES, NGINX_FILES, POSTGRES_FILES, REDIS_FILES } from './files.ts';
import { EXERCISE_IMAGES } from './exercise-images.ts';
import type { Image } from './image.ts';
import type { Signer } from './signatures.ts';
import {
  BUSYBOX_TAGS,
  DEBIAN_TAGS,
  HTTPD_TAGS,
  KUBERNETES_TAGS,
  NGINX_TAGS,
  PAUSE_TAGS,
  POSTGRES_TAGS,
  REDIS_TAGS,
  UBUNTU_TAGS,
} from './tags.ts';

const MB = 1_000_000;

/** The releases of Kubernetes are signed as its documentation tells (docs/tasks/administer-cluster/verify-signed-artifacts). */
const KUBERNETES_SIGNER: Signer = {
  kind: 'identity',
  subject: 'krel-trust@k8s-releng-prod.iam.gserviceaccount.com',
  issuer: 'https://accounts.google.com',
};
/** Images that are a distribution, or busybox: their tags and what they run; bytes. */
const BASES: readonly Pick<Image, 'repository' | 'tags' | 'command' | 'bytes' | 'contents'>[] = [
  {
    repository: 'busybox',
    tags: BUSYBOX_TAGS,
    command: ['sh'],
    bytes: 2 * MB,
    contents: emptyContents(BUSYBOX_TAGS),
  },
  {
    repository: 'alpine',
    tags: Object.keys(ALPINE_CONTENTS),
    command: ['/bin/sh'],
    bytes: 4 * MB,
    contents: ALPINE_CONTENTS,
  },
  { repository: 'ubuntu', tags: UBUNTU_TAGS, command: ['/bin/bash'], bytes: 30 * MB },
  { repository: 'debian', tags: DEBIAN_TAGS, command: ['/bin/bash'], bytes: 30 * MB, contents: DEBIAN_CONTENTS },
];

/** Sizes are those of the linux/amd64 images on their registries, rounded to the megabyte. */
export const IMAGES: readonly Image[] = [
  {
    repository: 'nginx',
    tags: NGINX_TAGS,
    user: '',
    entrypoint: ['/docker-entrypoint.sh'],
    command: ['nginx', '-g', 'daemon off;'],
    listens: [80],
    behaviour: 'serves',
    programs: ['nginx', 'docker-entrypoint.sh'],
    files: NGINX_FILES,
    log: [
      '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
      '/docker-entrypoint.sh: Configuration complete; ready for start up',
    ],
    bytes: 72 * MB,
    contents: NGINX_CONTENTS,
  },
  {
    repository: 'httpd',
    tags: HTTPD_TAGS,
    user: '',
    entrypoint: [],
    command: ['httpd-foreground'],
    listens: [80],
    behaviour: 'serves',
    programs: ['httpd-foreground', 'httpd'],
    files: HTTPD_FILES,
    log: [],
    bytes: 58 * MB,
  },
  {
    repository: 'postgres',
    tags: POSTGRES_TAGS,
    user: '',
    entrypoint: ['docker-entrypoint.sh'],
    command: ['postgres'],
    listens: [5432],
    behaviour: 'serves',
    programs: ['postgres', 'docker-entrypoint.sh'],
    files: POSTGRES_FILES,
    log: [],
    bytes: 156 * MB,
    contents: POSTGRES_CONTENTS,
  },
  {
    repository: 'redis',
    tags: REDIS_TAGS,
    user: '',
    entrypoint: ['docker-entrypoint.sh'],
    command: ['redis-server'],
    listens: [6379],
    behaviour: 'serves',
    programs: ['redis-server', 'docker-entrypoint.sh'],
    files: REDIS_FILES,
    log: [],
    bytes: 45 * MB,
    contents: REDIS_CONTENTS,
  },
  ...BASES.map((base): Image => ({ ...base, user: '', entrypoint: [], listens: [], behaviour: 'exits', log: [] })),
  {
    repository: 'kubernetesui/dashboard',
    tags: ['latest', 'v2.7.0'],
    user: '1001:2001',
    entrypoint: ['/dashboard', '--insecure-bind-address=0.0.0.0', '--bind-address=0.0.0.0'],
    command: [],
    listens: [8443, 9090],
    behaviour: 'serves',
    log: [
      'Starting overwatch',
      'Using in-cluster config to connect to apiserver',
      'Serving securely on HTTPS port: 8443',
    ],
    bytes: 76 * MB,
  },
  ...EXERCISE_IMAGES,
  {
    repository: 'xmrig/xmrig',
    tags: ['latest', '6.22.2'],
    user: '',
    entrypoint: ['/xmrig/xmrig'],
    command: [],
    listens: [],
    behaviour: 'serves',
    programs: ['xmrig'],
    log: [],
    bytes: 5 * MB,
  },
  {
    repository: 'polinux/stress',
    tags: ['latest', '1.0.4'],
    user: '',
    entrypoint: [],
    command: ['stress'],
    listens: [],
    behaviour: 'exits',
    log: [],
    bytes: 4 * MB,
  },
  {
    // The shop's own, in a registry of the lab: one release as it should be, one that a thief signed, one that nobody signed.
    repository: 'registry.breachlab.internal/shop/payments',
    tags: ['1.4.0', '1.4.1', '1.5.0-rc1'],
    user: '65532:65532',
    entrypoint: ['/payments'],
    command: [],
    listens: [8080],
    behaviour: 'serves',
    log: ['payments: listening on :8080'],
    bytes: 12 * MB,
    contents: { '1.4.0': alpine('3.22.2'), '1.4.1': alpine('3.19.0'), '1.5.0-rc1': alpine('3.20.3') },
    signers: { '1.4.0': [{ kind: 'key', key: 'release' }], '1.4.1': [{ kind: 'key', key: 'stolen' }] },
  },
  {
    repository: 'registry.k8s.io/pause',
    tags: PAUSE_TAGS,
    user: '65535:65535',
    entrypoint: ['/pause'],
    command: [],
    listens: [],
    behaviour: 'serves',
    log: [],
    bytes: 320_000,
    contents: emptyContents(PAUSE_TAGS),
  },
  ...(
    [
      ['kube-apiserver', [6443], 27],
      ['kube-controller-manager', [10257], 23],
      ['kube-scheduler', [10259], 17],
      ['kube-proxy', [10249, 10256], 26],
      ['etcd', [2379, 2380, 2381], 22],
      ['coredns/coredns', [53, 8080, 8181, 9153], 22],
    ] as const
  ).map(([name, listens, megabytes]): Image => ({
    repository: `registry.k8s.io/${name}`,
    tags: name === 'etcd' ? [RELEASE.etcd] : name === 'coredns/coredns' ? [RELEASE.coredns] : KUBERNETES_TAGS,
    ...(name.startsWith('kube-')
      ? { signers: Object.fromEntries(KUBERNETES_TAGS.map((tag) => [tag, [KUBERNETES_SIGNER]])) }
      : {}),
    user: name === 'coredns/coredns' ? '65532:65532' : '',
    entrypoint: name === 'coredns/coredns' ? ['/coredns'] : [],
    ...(name === 'kube-proxy' ? { programs: ['kube-proxy'] } : {}),
    command: [],
    listens,
    behaviour: 'serves',
    log: [],
    bytes: megabytes * MB,
  })),
];
