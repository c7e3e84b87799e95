import type { HelpPages } from '../help.ts';

/** sigs.k8s.io/bom, docs/cli-reference. */
export const BOM_HELP: HelpPages = {
  '': {
    about: 'A tool for working with SPDX manifests',
    usage: 'bom [command]',
    commands: {
      document: 'bom document → Work with SPDX documents',
      generate: 'bom generate → Create SPDX SBOMs',
      version: 'Prints the version',
    },
    flags: { '--version': 'version of bom' },
  },
  document: {
    about: 'bom document → Work with SPDX documents',
    usage: 'bom document [command]',
    commands: { outline: 'bom document outline → Draw structure of a SPDX document' },
    flags: {},
  },
  'document outline': {
    about: 'bom document outline → Draw structure of a SPDX document',
    usage: 'bom document outline SPDX_FILE|URL [flags]',
    examples: '  bom document outline sbom.spdx\n',
    flags: {
      '-d, --depth int': 'recursion level (default -1)',
      '--log-level string':
        "the logging verbosity, either 'panic', 'fatal', 'error', 'warning', 'info', 'debug', 'trace'",
      '--purl': 'show package urls instead of name@version',
      '--version': 'show versions along with package names',
    },
  },
  generate: {
    about: 'bom generate → Create SPDX SBOMs',
    usage: 'bom generate [flags]',
    examples: `  bom generate --image nginx:1.27 --format json --output sbom.spdx.json
`,
    flags: {
      '-a, --analyze-images': 'go deeper into images using the available analyzers',
      '--format string': 'format of the document (supports tag-value, json) (default "tag-value")',
      '-i, --image strings': 'list of images; one here',
      '-l, --license string': 'SPDX license identifier to declare in the SBOM',
      '--log-level string':
        "the logging verbosity, either 'panic', 'fatal', 'error', 'warning', 'info', 'debug', 'trace'",
      '-n, --name string': 'name for the document, in contrast to URLs, intended for humans',
      '--namespace string': 'an URI that serves as namespace for the SPDX doc',
      '-o, --output string': 'path to the file where the document will be written (defaults to STDOUT)',
      '--scan-images': 'scan container images to look for OS information',
    },
  },
};
