import { accountTools } from './account-tools.ts';
import { type Base, baseOf } from './base.ts';
import { type Image, parseReference } from './image.ts';
import { APT_FILES, apkFiles } from './package-tools.ts';

type Files = Readonly<Record<string, string>>;

/** Debian's prompt for whoever has none of their own (its bash package, /etc/bash.bashrc). */
const BASHRC = String.raw`[ -z "$PS1" ] && return
shopt -s checkwinsize
PS1='\u@\h:\w\$ '
`;

const CODE_NAMES: Readonly<Record<string, string>> = {
  '9': 'stretch',
  '10': 'buster',
  '11': 'bullseye',
  '12': 'bookworm',
  '13': 'trixie',
};

/** Releases that a tag of `ubuntu` names. */
const UBUNTU: Readonly<Record<string, readonly [version: string, name: string]>> = {
  '18.04': ['18.04', 'Bionic Beaver'],
  bionic: ['18.04', 'Bionic Beaver'],
  '20.04': ['20.04', 'Focal Fossa'],
  focal: ['20.04', 'Focal Fossa'],
  '22.04': ['22.04', 'Jammy Jellyfish'],
  jammy: ['22.04', 'Jammy Jellyfish'],
  '24.04': ['24.04', 'Noble Numbat'],
  noble: ['24.04', 'Noble Numbat'],
  latest: ['24.04', 'Noble Numbat'],
};

/**
 * Files of the distribution that an image is built on. `/etc/os-release` is there where the lab knows the release: from the table of the
 * image's contents, or from its tag.
 */
export function baseFilesOf(image: Image, reference: string): Files {
  const base = baseOf(image, reference);
  return {
    ...(base === 'debian' || base === 'ubuntu'
      ? { '/etc/bash.bashrc': BASHRC, '/root/.bashrc': BASHRC, ...APT_FILES }
      : {}),
    ...(base === 'alpine' ? apkFiles(image.contents?.[parseReference(reference)?.tag ?? 'latest']) : {}),
    ...accountTools(base, image.repository),
    ...releaseOf(image, reference, base),
  };
}

function releaseOf(image: Image, reference: string, base: Base): Files {
  const tag = parseReference(reference)?.tag ?? 'latest';
  const version = image.contents?.[tag]?.os?.version;
  switch (base) {
    case 'debian': {
      if (version === undefined) return {};
      const [major = ''] = version.split('.');
      const name = CODE_NAMES[major] ?? '';
      const text = settings({
        PRETTY_NAME: `"Debian GNU/Linux ${major} (${name})"`,
        NAME: '"Debian GNU/Linux"',
        VERSION_ID: `"${major}"`,
        VERSION: `"${major} (${name})"`,
        VERSION_CODENAME: name,
        ID: 'debian',
        HOME_URL: '"https://www.debian.org/"',
        SUPPORT_URL: '"https://www.debian.org/support"',
        BUG_REPORT_URL: '"https://bugs.debian.org/"',
      });
      return { '/etc/os-release': text, '/etc/debian_version': `${version}\n` };
    }
    case 'ubuntu': {
      const [number, name] = UBUNTU[tag] ?? [];
      if (number === undefined || name === undefined) return {};
      const codeName = name.split(' ')[0]?.toLowerCase() ?? '';
      const text = settings({
        NAME: '"Ubuntu"',
        VERSION_ID: `"${number}"`,
        VERSION: `"${number} LTS (${name})"`,
        VERSION_CODENAME: codeName,
        ID: 'ubuntu',
        ID_LIKE: 'debian',
        HOME_URL: '"https://www.ubuntu.com/"',
        UBUNTU_CODENAME: codeName,
      });
      return { '/etc/os-release': text };
    }
    case 'alpine': {
      if (version === undefined) return {};
      const text = settings({
        NAME: '"Alpine Linux"',
        ID: 'alpine',
        VERSION_ID: version,
        PRETTY_NAME: `"Alpine Linux v${version.split('.').slice(0, 2).join('.')}"`,
        HOME_URL: '"https://alpinelinux.org/"',
        BUG_REPORT_URL: '"https://gitlab.alpinelinux.org/alpine/aports/-/issues"',
      });
      return { '/etc/os-release': text, '/etc/alpine-release': `${version}\n` };
    }
    case 'none':
      return {};
    default:
      return base satisfies never;
  }
}

const settings = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
