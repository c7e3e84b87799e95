import type { HelpPages } from '../help.ts';

/** github.com/controlplaneio/kubesec, cmd/kubesec. */
export const KUBESEC_HELP: HelpPages = {
  '': {
    about: 'Validate Kubernetes resource security policies',
    usage: 'kubesec [command]',
    commands: {
      scan: 'Scans Kubernetes resource YAML or JSON',
      version: 'Prints kubesec version',
    },
    flags: { '--version': 'version of kubesec' },
  },
  scan: {
    about: 'Scans Kubernetes resource YAML or JSON',
    usage: 'kubesec scan [file] [flags]',
    examples: `  kubesec scan ./deployment.yaml
  cat file.json | kubesec scan -
`,
    flags: {
      '--absolute-path': 'use the absolute path for the file name',
      '--debug': 'turn on debug logs; there are none here',
      '--exit-code int': 'set the exit-code to use on failure (default 2)',
      '-f, --format string': 'set output format (json) (default "json")',
      '--kubernetes-version string': 'version of the schemas, which are not asked here',
      '-o, --output string': 'set output location',
      '--schema-location string': 'where the schemas are, which are not asked here',
    },
  },
};
