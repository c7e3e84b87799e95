/** The keywords of OpenSSH 9.2's sshd_config(5); what is not here is a bad configuration option. */
const GLOBAL_ONLY =
  'AddressFamily AllowStreamLocalForwarding Ciphers Compression DebianBanner FingerprintHash GSSAPICleanupCredentials GSSAPIKeyExchange GSSAPIStoreCredentialsOnRekey GSSAPIStrictAcceptorCheck HostCertificate HostKey HostKeyAgent HostKeyAlgorithms IgnoreUserKnownHosts KerberosGetAFSToken KerberosOrLocalPasswd KerberosTicketCleanup KexAlgorithms ListenAddress LoginGraceTime MACs MaxStartups ModuliFile PerSourceMaxStartups PerSourceNetBlockSize PidFile Port PrintLastLog PrintMotd RequiredRSASize SecurityKeyProvider StrictModes Subsystem SyslogFacility TCPKeepAlive UseDNS UsePAM VersionAddendum XAuthLocation';

const IN_MATCH_TOO =
  'AcceptEnv AllowAgentForwarding AllowGroups AllowTcpForwarding AllowUsers AuthenticationMethods AuthorizedKeysCommand AuthorizedKeysCommandUser AuthorizedKeysFile AuthorizedPrincipalsCommand AuthorizedPrincipalsCommandUser AuthorizedPrincipalsFile Banner CASignatureAlgorithms ChannelTimeout ChrootDirectory ClientAliveCountMax ClientAliveInterval DenyGroups DenyUsers DisableForwarding ExposeAuthInfo ForceCommand GatewayPorts GSSAPIAuthentication HostbasedAcceptedAlgorithms HostbasedAuthentication HostbasedUsesNameFromPacketOnly IgnoreRhosts Include IPQoS KbdInteractiveAuthentication KerberosAuthentication LogLevel Match MaxAuthTries MaxSessions PasswordAuthentication PermitEmptyPasswords PermitListen PermitOpen PermitRootLogin PermitTTY PermitTunnel PermitUserEnvironment PermitUserRC PubkeyAcceptedAlgorithms PubkeyAuthentication PubkeyAuthOptions RekeyLimit RevokedKeys SetEnv StreamLocalBindMask StreamLocalBindUnlink TrustedUserCAKeys UnusedConnectionTimeout X11DisplayOffset X11Forwarding X11UseLocalhost';

const lowerWords = (words: string): ReadonlySet<string> => new Set(words.toLowerCase().split(' '));

export const GLOBAL_KEYWORDS = lowerWords(GLOBAL_ONLY);
export const MATCH_KEYWORDS = lowerWords(IN_MATCH_TOO);

/** Older names that sshd still takes (servconf.c, `keywords[]`). */
export const KEYWORD_ALIASES: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  dsaauthentication: 'pubkeyauthentication',
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
  authorizedkeysfile2: 'authorizedkeysfile',
};

/** Keywords that sshd knows and no longer heeds: it says so and goes on. */
export const DEPRECATED = lowerWords(
  'Protocol KeyRegenerationInterval ServerKeyBits RSAAuthentication RhostsRSAAuthentication UseLogin UsePrivilegeSeparation PAMAuthenticationViaKbdInt RhostsAuthentication KeepAlive HostDSAKey CheckMail VerifyReverseMapping ReverseMappingCheck',
);

/** Values that a keyword takes where it takes few (servconf.c, `multistate_*`). */
export const CHOICES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    'passwordauthentication pubkeyauthentication kbdinteractiveauthentication permitemptypasswords usepam strictmodes x11forwarding permittty disableforwarding allowagentforwarding printmotd printlastlog tcpkeepalive usedns hostbasedauthentication permituserrc kerberosauthentication gssapiauthentication'
      .split(' ')
      .map((keyword) => [keyword, ['yes', 'no']]),
  ),
  permitrootlogin: ['without-password', 'prohibit-password', 'forced-commands-only', 'yes', 'no'],
  allowtcpforwarding: ['yes', 'all', 'no', 'remote', 'local'],
};

export const INTEGERS = lowerWords('MaxAuthTries MaxSessions ClientAliveCountMax X11DisplayOffset');

/** Keywords with any number of arguments; the others take one. */
export const MANY_ARGUMENTS = lowerWords(
  'AcceptEnv AllowGroups AllowUsers AuthenticationMethods AuthorizedKeysFile DenyGroups DenyUsers Include IPQoS Match PermitListen PermitOpen RekeyLimit SetEnv Subsystem ForceCommand AuthorizedKeysCommand AuthorizedPrincipalsCommand ListenAddress ChannelTimeout LogLevel VersionAddendum PubkeyAuthOptions',
);

/** What narrows access and is not modelled: sshd refuses to start with it rather than to ignore it. The value is the harmless one. */
export const REFUSED: Readonly<Record<string, string>> = {
  authenticationmethods: 'any',
  chrootdirectory: 'none',
  revokedkeys: 'none',
  permitopen: 'any',
};

/** What has an effect in OpenSSH that nobody sees here: named in the journal at start. */
export const WITHOUT_EFFECT = lowerWords(
  'Ciphers MACs KexAlgorithms HostKey HostKeyAlgorithms MaxStartups TrustedUserCAKeys AuthorizedKeysCommand AuthorizedPrincipalsFile HostbasedAuthentication PubkeyAcceptedAlgorithms',
);
