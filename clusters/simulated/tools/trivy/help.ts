import type { HelpPage, HelpPages } from '../help.ts';

const GLOBAL = {
  '--cache-dir string': 'cache directory; nothing is cached here',
  '-d, --debug': 'debug mode; tells nothing more here',
  '--exit-code int': 'specify exit code when any security issues are found',
  '-f, --format string': 'format (table,json,sarif,cyclonedx,spdx,spdx-json) (default "table")',
  '--ignorefile string': 'specify .trivyignore file (default ".trivyignore")',
  '--insecure': 'allow insecure server connections',
  '--no-progress': 'suppress progress bar',
  '-o, --output string': 'output file name',
  '-q, --quiet': 'suppress progress bar and log output',
  '-s, --severity strings': 'severities of security issues to be displayed (UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL)',
  '--timeout duration': 'timeout (default 5m0s)',
};

const VULNERABILITIES = {
  '--db-repository strings': 'where the database is from; it is the lab’s own',
  '--ignore-unfixed': 'display only fixed vulnerabilities',
  '--list-all-pkgs': 'include all packages in the JSON report',
  '--offline-scan': 'do not issue API requests to identify dependencies',
  '--pkg-types strings': 'list of package types (os,library) (default [os,library])',
  '--scanners strings': 'what security issues to detect (vuln,secret) (default [vuln,secret])',
  '--security-checks strings': 'the same, as it was called before',
  '--skip-db-update': 'skip updating vulnerability database',
  '--skip-java-db-update': 'skip updating Java index database',
  '--skip-version-check': 'suppress notices about version updates',
  '--vuln-type strings': '--pkg-types, as it was called before',
};

const IMAGE: HelpPage = {
  about: 'Scan a container image',
  usage: 'trivy image [flags] IMAGE_NAME',
  examples: `  # Scan a container image
  $ trivy image nginx:1.27

  # Filter by severities
  $ trivy image --severity HIGH,CRITICAL alpine:3.18.0

  # Ignore unfixed/unpatched vulnerabilities
  $ trivy image --ignore-unfixed nginx:1.27

  # Generate a report in the CycloneDX format
  $ trivy image --format cyclonedx --output result.cdx nginx:1.27
`,
  flags: {
    ...GLOBAL,
    ...VULNERABILITIES,
    '--image-src strings': 'image sources; there is the lab’s registry',
    '--input string': 'a tar file of an image, of which there are none here',
    '--password strings': 'password of the registry, which asks for none here',
    '--platform string': 'platform in the form os/arch; an image has one here',
    '--username strings': 'username of the registry, which asks for none here',
  },
};

const CONFIG: HelpPage = {
  about: 'Scan config files for misconfigurations',
  usage: 'trivy config [flags] DIR',
  examples: `  # Scan the manifests and Dockerfiles of a folder
  $ trivy config .

  # Those that are grave alone
  $ trivy config --severity HIGH,CRITICAL deployment.yaml
`,
  flags: { ...GLOBAL, '-f, --format string': 'format (table,json) (default "table")' },
};

const SBOM: HelpPage = {
  about: 'Scan SBOM for vulnerabilities',
  usage: 'trivy sbom [flags] SBOM_PATH',
  examples: `  # Scan CycloneDX and show the result in tables
  $ trivy sbom /path/to/report.cdx
`,
  flags: { ...GLOBAL, ...VULNERABILITIES },
};

const files = (verb: string, about: string): HelpPage => ({
  about,
  usage: `trivy ${verb} [flags] PATH`,
  examples: `  # Look for secrets and for misconfigurations
  $ trivy ${verb} --scanners secret,misconfig .
`,
  flags: {
    ...GLOBAL,
    ...VULNERABILITIES,
    '-f, --format string': 'format (table,json) (default "table")',
    '--misconfig-scanners strings': 'scanners of misconfigurations; there are dockerfile and kubernetes',
    '--scanners strings': 'what security issues to detect (vuln,misconfig,secret) (default [vuln,secret])',
    '--skip-check-update': 'skip fetching check updates',
  },
});
const FILESYSTEM = files('fs', 'Scan local filesystem');
const REPOSITORY = files('repo', 'Scan a repository');
const ROOTFS = files('rootfs', 'Scan rootfs');

/** docs/docs/references/configuration/cli, of what the lab has. */
export const TRIVY_HELP: HelpPages = {
  '': {
    about:
      'Scanner for vulnerabilities in container images, and for configuration issues (this lab’s model: it knows the lab’s images and advisories)',
    usage: 'trivy [command] [flags] target',
    examples: `  # Scan a container image
  $ trivy image nginx:1.27

  # Scan a folder of manifests
  $ trivy config .
`,
    commands: {
      config: CONFIG.about,
      filesystem: FILESYSTEM.about,
      image: IMAGE.about,
      repository: REPOSITORY.about,
      rootfs: ROOTFS.about,
      sbom: SBOM.about,
      version: 'Print the version',
    },
    flags: { '-v, --version': 'show version' },
  },
  image: IMAGE,
  i: IMAGE,
  config: CONFIG,
  conf: CONFIG,
  sbom: SBOM,
  fs: FILESYSTEM,
  filesystem: FILESYSTEM,
  repo: REPOSITORY,
  repository: REPOSITORY,
  rootfs: ROOTFS,
};
