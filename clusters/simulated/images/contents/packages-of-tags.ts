import {
  ALPINE_3_18_9,
  ALPINE_3_19_0,
  ALPINE_3_19_4,
  ALPINE_3_20_0,
  ALPINE_3_20_3,
  ALPINE_3_21_3,
  ALPINE_3_22_2,
  NGINX_ALPINE_3_21_3,
} from './alpine.ts';
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
  '16-alpine': withBinary(ALPINE_3_22_2, GOSU_1_19),
};

export const REDIS_CONTENTS: ByTag = {
  '7.4': withBinary(DEBIAN_12_6, GOSU_1_17),
  '7.4.1-alpine': withBinary(ALPINE_3_20_3, GOSU_1_17),
};

export const ALPINE_CONTENTS: ByTag = {
  '3.18': ALPINE_3_18_9,
  '3.19.0': ALPINE_3_19_0,
  '3.19': ALPINE_3_19_4,
  '3.20.0': ALPINE_3_20_0,
  '3.20': ALPINE_3_20_3,
  '3.21': ALPINE_3_21_3,
  '3.22': ALPINE_3_22_2,
  '3': ALPINE_3_22_2,
  latest: ALPINE_3_22_2,
};

export const DEBIAN_CONTENTS: ByTag = { '12': DEBIAN_12_10, bookworm: DEBIAN_12_10, 'bookworm-slim': DEBIAN_12_10 };

/** Images of one program and no distribution. */
export const emptyContents = (tags: readonly string[]): ByTag =>
  Object.fromEntries(tags.map((tag) => [tag, { os: undefined, packages: [], binaries: [] }]));
