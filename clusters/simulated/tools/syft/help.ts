import type { HelpPage, HelpPages } from '../help.ts';

const SCAN: HelpPage = {
  about: 'Generate a packaged-based Software Bill Of Materials (SBOM) from container images',
  usage: 'syft [SOURCE] [flags]',
  examples: `  syft scan alpine:3.18.0                      a summary of discovered packages
  syft scan alpine:3.18.0 -o json              show all possible cataloging details
  syft scan alpine:3.18.0 -o cyclonedx-json    show a CycloneDX JSON formatted SBOM
  syft scan alpine:3.18.0 -o spdx-json=FILE    write an SPDX JSON formatted SBOM to a file
`,
  flags: {
    '--from stringArray': 'specify the source behavior to use; there is the lab’s registry',
    '-o, --output stringArray':
      'report output format (<format>=<file> to output to a file), formats=[cyclonedx-json spdx-json spdx-tag-value syft-json syft-table]',
    '--platform string': 'an optional platform specifier; an image has one here',
    '-q, --quiet': 'suppress all logging output',
    '-s, --scope string': 'selection of layers to catalog; images have none here',
    '-v, --verbose': 'increase verbosity',
  },
};

/** github.com/anchore/syft, cmd/syft. */
export const SYFT_HELP: HelpPages = {
  '': { ...SCAN, commands: { scan: 'Generate an SBOM', version: 'show version information' } },
  scan: SCAN,
  packages: SCAN,
};
