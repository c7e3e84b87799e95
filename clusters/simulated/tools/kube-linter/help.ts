import type { HelpPages } from '../help.ts';

/** github.com/stackrox/kube-linter, docs/using-kubelinter.md. */
export const KUBE_LINTER_HELP: HelpPages = {
  '': {
    about: 'kube-linter',
    usage: 'kube-linter [command]',
    commands: {
      checks: 'View more information on lint checks',
      lint: 'Lint Kubernetes YAML files',
      version: 'Print version and exit',
    },
    flags: { '--version': 'version of kube-linter' },
  },
  checks: {
    about: 'View more information on lint checks',
    usage: 'kube-linter checks [command]',
    commands: { list: 'List built-in checks' },
    flags: {},
  },
  lint: {
    about: 'Lint Kubernetes YAML files',
    usage: 'kube-linter lint [flags] PATH...',
    examples: '  kube-linter lint pod.yaml\n  kube-linter lint --include no-read-only-root-fs manifests/\n',
    flags: {
      '--add-all-built-in': 'add all built-in checks',
      '--do-not-auto-add-defaults': 'do not automatically add default checks',
      '--exclude strings': 'check(s) to exclude',
      '--fail-if-no-objects-found': 'return non-zero exit code if no valid objects are found or failed to parse',
      '--fail-on-invalid-resource': 'error out when we have an invalid resource',
      '--format string': 'output format. Allowed values: json, plain. (default "plain")',
      '--ignore-paths strings': 'paths to ignore',
      '--include strings': 'check(s) to include',
      '-v, --verbose': 'enable verbose logging',
      '--with-color': 'force color output',
    },
  },
};
