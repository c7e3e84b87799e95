# AppArmor's rules about files, by which the observer answers calls of a container under a profile instead of letting them go on; the
# words and masks of what it records are those of Linux (security/apparmor/file.c, lsm.c). As exact as the observer is: between its look
# and the kernel's a second thread of the program could put another path there.
our (%NR);

sub MAY_EXECUTE() { 1 }
sub MAY_WRITE() { 2 }
sub MAY_READ() { 4 }
sub MAY_LINK() { 8 }
sub EACCES() { 13 }

# What a letter of a mask needs: to create and to delete is to write.
my %needs = (x => MAY_EXECUTE, w => MAY_WRITE, c => MAY_WRITE, d => MAY_WRITE, r => MAY_READ, l => MAY_LINK);

# Calls that change what folders hold: for each path the name of the operation, its mask, and where folder (-1 for none) and path stand.
my %changes = (
  mkdir => [['mkdir', 'c', -1, 0]], mkdirat => [['mkdir', 'c', 0, 1]], mknod => [['mknod', 'c', -1, 0]], mknodat => [['mknod', 'c', 0, 1]],
  unlink => [['unlink', 'd', -1, 0]], unlinkat => [['unlink', 'd', 0, 1]], rmdir => [['rmdir', 'd', -1, 0]],
  rename => [['rename_src', 'wrd', -1, 0], ['rename_dest', 'wc', -1, 1]], renameat => [['rename_src', 'wrd', 0, 1], ['rename_dest', 'wc', 2, 3]],
  renameat2 => [['rename_src', 'wrd', 0, 1], ['rename_dest', 'wc', 2, 3]], link => [['link', 'l', -1, 1]], linkat => [['link', 'l', 2, 3]],
  symlink => [['symlink', 'c', -1, 1]], symlinkat => [['symlink', 'c', 1, 2]], truncate => [['truncate', 'w', -1, 0]],
  chmod => [['chmod', 'w', -1, 0]], fchmodat => [['chmod', 'w', 0, 1]], fchmodat2 => [['chmod', 'w', 0, 1]],
  chown => [['chown', 'w', -1, 0]], lchown => [['chown', 'w', -1, 0]], fchownat => [['chown', 'w', 0, 1]],
);

# Rules from what the server says of them, three words each: letters (`d` denies, `o` only of the caller's own files, `a` is recorded), the
# accesses that it is about, added up, and a pattern of paths without anything that Perl would run.
sub compiled_rules {
  my @rules;
  while (my ($kind, $access, $pattern) = splice @_, 0, 3) {
    my $compiled = eval { qr/^(?:$pattern)\z/s };
    push @rules, [$kind, $access, $compiled] if $compiled;
  }
  return \@rules;
}

# The number of the error that a call gets; 0 for one that goes on. The program that a container or an exec begins with is not asked for:
# the runtime changes to the profile as it executes it (handle_onexec).
sub refusal_of {
  my ($terms, $call, $record) = @_;
  return 0 if !$terms->{rules} || $call->{first};
  my $errno = 0;
  for my $wish (wishes_of($call)) { $errno ||= verdict_on($terms, $call, $record, @$wish) }
  return $errno;
}

# What a call asks for: lists of an operation's name, its mask and the file that is reached; undefined for one that cannot be told.
sub wishes_of {
  my ($call) = @_;
  my ($pid, $number, $arguments) = @{$call}{qw(pid number arguments)};
  my ($name) = grep { $NR{$_} == $number } qw(execve execveat open openat openat2 creat), keys %changes;
  return unless defined $name;
  open(my $memory, '<', "/proc/$pid/mem") or return ['open', 'r', undef];
  my $path = sub { written_path($pid, $_[0] < 0 ? -100 : $arguments->[$_[0]], text_at($memory, $arguments->[$_[1]])) };
  if ($name =~ /^exec/) {
    my $file = $path->($name eq 'execve' ? (-1, 0) : (0, 1));
    my ($word) = texts_at($memory, $arguments->[$name eq 'execve' ? 1 : 2]);
    $file = named_program($pid, readlink("/proc/$pid/exe") // '', $word // '') if $file eq '/proc/self/exe';
    return ['exec', 'x', file_reached($pid, $file)];
  }
  return map { [@$_[0, 1], entry_reached($pid, $path->(@$_[2, 3]), $_->[0])] } @{$changes{$name}} if $changes{$name};
  my ($file, $flags) = opened_file($pid, $memory, $name, $arguments);
  my $reached = file_reached($pid, $file);
  return ['mknod', 'c', $reached] if $flags & 0100 && defined $reached && !within_root($pid, $reached);
  # O_CREAT and O_TRUNC ask for it to be written; one that only names a file (O_PATH) for nothing.
  my $mask = ('r', 'w', 'wr', '')[$flags & 3];
  $mask = "w$mask" if $flags & 01000 && $mask !~ /w/;
  $mask .= 'c' if $flags & 0100;
  return $flags & 010000000 || $mask eq '' ? () : ['open', $mask, $reached];
}

# AppArmor goes by the file that is reached, not by the links that lead there. A folder's name ends in a slash.
sub file_reached {
  my ($pid, $path) = @_;
  my $reached = reached_path($pid, $path) // return;
  return $reached ne '/' && -d "/proc/$pid/root$reached" ? "$reached/" : $reached;
}

# But a call that changes a folder is about the entry itself.
sub entry_reached {
  my ($pid, $path, $operation) = @_;
  my ($folder, $last) = $path =~ m{^(.*)/+([^/]+)/*$};
  return file_reached($pid, $path) if $operation =~ /^ch|^truncate/ || !defined $last || $last =~ /^\.\.?$/;
  my $reached = reached_path($pid, $folder) // return;
  return ($reached eq '/' ? '' : $reached) . "/$last" . ($operation =~ /dir$/ ? '/' : '');
}

# Says whether a wish is refused, and records it: what a rule denies in so many words is refused silently and in every mode, what no rule
# allows is refused aloud, or allowed aloud by a profile that only complains (aa_audit_file).
sub verdict_on {
  my ($terms, $call, $record, $operation, $mask, $reached) = @_;
  return $terms->{mode} eq 'complain' ? 0 : EACCES unless defined $reached; # what cannot be told is not let through
  my %caller = status_of_program($call->{pid});
  my $fsuid = (split ' ', $caller{Uid} // '')[3] // 0;
  my $found = within_root($call->{pid}, $reached);
  my $owner = $found ? (stat $found)[4] : $fsuid;
  my ($allowed, $denied, $loud, $audited) = (0) x 4;
  for my $rule (@{$terms->{rules}}) {
    my ($kind, $access, $pattern) = @$rule;
    next if $kind =~ /o/ && $owner != $fsuid;
    next unless substr($reached, 0, 400) =~ $pattern;
    if ($kind =~ /d/) { $denied |= $access; $loud |= $access if $kind =~ /a/ }
    else { $allowed |= $access; $audited |= $access if $kind =~ /a/ }
  }
  $allowed &= ~$denied;
  my $missing = join '', grep { $needs{$_} & ~$allowed } split //, $mask;
  my $quiet = $denied & ~$loud;
  my $told = join '', grep { $needs{$_} & ~$quiet } split //, $missing;
  return EACCES if $missing ne '' && $told eq '';
  my $verdict = $missing eq '' ? 'AUDIT' : {complain => 'ALLOWED', kill => 'KILLED'}->{$terms->{mode}} // 'DENIED';
  my $audit = $missing eq '' && grep { $needs{$_} & $audited } split //, $mask;
  $record->('apparmor', $verdict, $operation, $terms->{profile}, $reached, caller_of($call), $mask, $missing, inside($call->{pid}, 'uid_map', $owner))
    if $missing ne '' || $audit;
  kill 'KILL', $call->{pid} if $verdict eq 'KILLED';
  return $verdict =~ /^(DENIED|KILLED)$/ ? EACCES : 0;
}
