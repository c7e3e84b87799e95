import { ALPINE_VERSIONS, alpine, NGINX_ALPINE_3_21_3 } from './alpine.ts';
import type { ImageContents } from './contents.ts';
import {
  DEBIAN_12_10,
  DEBIAN_12_6,
  NGINX_1_14_2,
  NGINX_1_16_1,
  NGINX_1_25,
  NGINX_1_27,
  NGINX_1_27_0,
} from './debian.ts';
import { GOSU_1_17, GOSU_1_19, withBinary } from './gosu.ts';

type ByTag = Readonly<Record<string, ImageContents>>;

export const NGINX_CONTENTS: ByTag = {
  '1.14.2': NGINX_1_14_2,
  '1.16.1': NGINX_1_16_1,
  '1.25': NGINX_1_25,
  '1.27.0': NGINX_1_27_0,
  '1.27': NGINX_1_27,
  '1.27-alpine': NGINX_ALPINE_3_21_3,
};

export const POSTGRES_CONTENTS: ByTag = {
  '16.4': withBinary(DEBIAN_12_6, GOSU_1_17),
  '16-alpine': withBinary(alpine('3.22.2'), GOSU_1_19),
};

export const REDIS_CONTENTS: ByTag = {
  '7.4': withBinary(DEBIAN_12_6, GOSU_1_17),
  '7.4.1-alpine': withBinary(alpine('3.20.3'), GOSU_1_17),
};

/** Tags that move, and the release that they are held at. */
const ALPINE_MOVING: Readonly<Record<string, string>> = {
  '3.16': '3.16.8',
  '3.17': '3.17.1',
  '3.18': '3.18.9',
  '3.19': '3.19.4',
  '3.20': '3.20.3',
  '3.21': '3.21.3',
  '3.22': '3.22.2',
  '3': '3.22.2',
  latest: '3.22.2',
};

export const ALPINE_CONTENTS: ByTag = Object.fromEntries([
  ...ALPINE_VERSIONS.map((version) => [version, alpine(version)] as const),
  ...Object.entries(ALPINE_MOVING).map(([tag, version]) => [tag, alpine(version)] as const),
]);

export const DEBIAN_CONTENTS: ByTag = { '12': DEBIAN_12_10, bookworm: DEBIAN_12_10, 'bookworm-slim': DEBIAN_12_10 };

/** Images of one program and no distribution. */
export const emptyContents = (tags: readonly string[]): ByTag =>
  Object.fromEntries(tags.map((tag) => [tag, { os: undefined, packages: [], binaries: [] }]));
