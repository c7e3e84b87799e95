import type { GoBinary, ImageContents } from './contents.ts';

/** The program by which database images change to their user; scanners read which Go it was built with (github.com/tianon/gosu). */
const gosu = (version: string, go: string): GoBinary => ({
  path: 'usr/local/bin/gosu',
  modules: [
    { name: 'github.com/tianon/gosu', version, source: 'github.com/tianon/gosu', licence: 'Apache-2.0' },
    { name: 'stdlib', version: `v${go}`, source: 'stdlib', licence: 'BSD-3-Clause' },
  ],
});

export const GOSU_1_17 = gosu('v1.17.0', '1.18.2');
export const GOSU_1_19 = gosu('v1.19.0', '1.24.6');

export const withBinary = (contents: ImageContents, binary: GoBinary): ImageContents => ({
  ...contents,
  binaries: [...contents.binaries, binary],
});
