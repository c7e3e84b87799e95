# What AppArmor's rules deny a container, held by the observer: it answers a call about a path that is denied instead of letting it go on.
# As exact as the observer is: between its look and the kernel's a second thread of the program could put another path there.
our (%NR, $OBSERVER, $OBSERVED, $CHANGING);
my %denied;

sub MAY_EXECUTE() { 1 }
sub MAY_WRITE() { 2 }
sub MAY_READ() { 4 }

# Calls that change what folders hold: where their paths stand, as pairs of the folder's argument (-1 for none) and the path's.
my %changes = (
  mkdir => [-1, 0], mkdirat => [0, 1], mknod => [-1, 0], mknodat => [0, 1], unlink => [-1, 0], unlinkat => [0, 1], rmdir => [-1, 0],
  rename => [-1, 0, -1, 1], renameat => [0, 1, 2, 3], renameat2 => [0, 1, 2, 3], link => [-1, 0, -1, 1], linkat => [0, 1, 2, 3],
  symlink => [-1, 1], symlinkat => [1, 2], truncate => [-1, 0], chmod => [-1, 0], fchmodat => [0, 1], fchmodat2 => [0, 1],
  chown => [-1, 0], lchown => [-1, 0], fchownat => [0, 1],
);

# From now on, before it starts: pairs of what is denied (1 to execute, 2 to write, 4 to read, together) and of which paths, a pattern
# without anything that Perl would run. Without pairs the container is forgotten.
sub deny_paths {
  my ($name, @rules) = @_;
  if (@rules) { $denied{$name} = 1 } else { delete $denied{$name} or return }
  die "not simulated: AppArmor's rules on a machine where containers are not observed\n" unless $OBSERVER || !@rules;
  my $said = pack('(N/a*)*', $name, @rules);
  defined(syswrite($OBSERVER, $said)) or die "deny: $!\n" if $OBSERVER;
}

# The filter of a container: only where paths are denied do calls wait that change folders.
sub observed_filter { $denied{$_[0]} ? $CHANGING : $OBSERVED }

# In the observer: what is denied of that container.
sub learn_rules {
  my ($rules, $name, @pairs) = @_;
  delete $rules->{$name};
  while (my ($mode, $pattern) = splice @pairs, 0, 2) {
    my $compiled = eval { qr/^(?:$pattern)\z/s };
    push @{$rules->{$name}}, [$mode, $compiled] if $compiled;
  }
}

# Whether a call is one that the rules deny.
sub is_denied {
  my ($rules, $pid, $number, $arguments, $first) = @_;
  if ($first) { return denied_path($rules, $pid, $first->[0], $first->[1], MAY_EXECUTE) }
  open(my $memory, '<', "/proc/$pid/mem") or return 0;
  my ($name) = grep { $NR{$_} == $number } qw(execve execveat open openat openat2 creat), keys %changes;
  return 0 unless defined $name;
  my $path = sub { full_path($pid, $_[0] < 0 ? -100 : $arguments->[$_[0]], text_at($memory, $arguments->[$_[1]])) };
  if ($name =~ /^exec/) { return denied_path($rules, $pid, '', $path->($name eq 'execve' ? (-1, 0) : (0, 1)), MAY_EXECUTE) }
  if (my $pairs = $changes{$name}) {
    for (my $i = 0; $i < @$pairs; $i += 2) { return 1 if denied_path($rules, $pid, '', $path->(@$pairs[$i, $i + 1]), MAY_WRITE, 1) }
    return 0;
  }
  my ($file, $flags) = opened_file($pid, $memory, $name, $arguments);
  my $want = (MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE, 0)[$flags & 3] | ($flags & 01100 ? MAY_WRITE : 0); # O_CREAT, O_TRUNC
  return denied_path($rules, $pid, '', $file, $want);
}

# AppArmor goes by the file that is reached, not by the links that lead there.
sub denied_path {
  my ($rules, $pid, $cwd, $path, $want, $is_link) = @_;
  $path = "$cwd/$path" unless $path =~ m{^/};
  my ($folder, $last) = $path =~ m{^(.*)/([^/]*)$};
  my $found = $is_link ? undef : within_root($pid, $path);
  my $reached;
  if ($found) { $reached = readlink('/proc/self/fd/' . fileno $found) // $path; $reached .= '/' if -d $found && $reached ne '/' }
  else {
    my $above = within_root($pid, $folder eq '' ? '/' : $folder);
    $reached = ($above ? readlink('/proc/self/fd/' . fileno $above) // $folder : $folder) =~ s{/$}{}r . "/$last";
  }
  return scalar grep { $_->[0] & $want && substr($reached, 0, 400) =~ $_->[1] } @$rules;
}
