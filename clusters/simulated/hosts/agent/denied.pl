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
  return matches_rule($rules, $first->[1], MAY_EXECUTE) if $first;
  open(my $memory, '<', "/proc/$pid/mem") or return 0;
  my ($name) = grep { $NR{$_} == $number } qw(execve execveat open openat openat2 creat), keys %changes;
  return 0 unless defined $name;
  my $path = sub { written_path($pid, $_[0] < 0 ? -100 : $arguments->[$_[0]], text_at($memory, $arguments->[$_[1]])) };
  if ($name =~ /^exec/) {
    my $file = $path->($name eq 'execve' ? (-1, 0) : (0, 1));
    my ($word) = texts_at($memory, $arguments->[$name eq 'execve' ? 1 : 2]);
    $file = named_program($pid, readlink("/proc/$pid/exe") // '', $word // '') if $file eq '/proc/self/exe';
    return denied_path($rules, $pid, $file, MAY_EXECUTE);
  }
  if (my $pairs = $changes{$name}) {
    for (my $i = 0; $i < @$pairs; $i += 2) { return 1 if denied_path($rules, $pid, $path->(@$pairs[$i, $i + 1]), MAY_WRITE, 1) }
    return 0;
  }
  my ($file, $flags) = opened_file($pid, $memory, $name, $arguments);
  my $want = (MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE, 0)[$flags & 3] | ($flags & 01100 ? MAY_WRITE : 0); # O_CREAT, O_TRUNC
  return denied_path($rules, $pid, $file, $want);
}

# AppArmor goes by the file that is reached, not by the links that lead there; but a call that changes a folder is about the link itself.
sub denied_path {
  my ($rules, $pid, $path, $want, $is_link) = @_;
  my ($folder, $last) = $path =~ m{^(.*)/+([^/]+)/*$};
  my $reached = $is_link && defined $last && $last !~ /^\.\.?$/ ? reached_path($pid, $folder) : reached_path($pid, $path);
  return 1 unless defined $reached; # what cannot be told is not let through
  $reached = ($reached eq '/' ? '' : $reached) . "/$last" if $is_link && defined $last && $last !~ /^\.\.?$/;
  $reached .= '/' if !$is_link && $reached ne '/' && -d "/proc/$pid/root$reached";
  return matches_rule($rules, $reached, $want);
}

sub matches_rule {
  my ($rules, $reached, $want) = @_;
  return scalar grep { $_->[0] & $want && substr($reached, 0, 400) =~ $_->[1] } @$rules;
}

# Where a path leads in the program's root, step by step, for `/proc/self` and what lies in it are other things to the observer. Undefined
# for what another process's entries in /proc stand for, and for links without an end.
sub reached_path {
  my ($pid, $path) = @_;
  my ($own) = ({status_of_program($pid)}->{NSpid} // '') =~ /(\d+)$/;
  my @left = grep { $_ ne '' && $_ ne '.' } split m{/}, $path;
  my ($at, $links) = ('', 0);
  while (defined(my $step = shift @left)) {
    if ($step eq '..') { $at =~ s{/[^/]*$}{}; next }
    $step = $own if $at eq '/proc' && $step =~ /^(self|thread-self)$/;
    my $next = "$at/$step";
    my $target;
    if ($next =~ m{^/proc/(\d+)/(?:task/\d+/)?(root|cwd|exe|fd/\d+|map_files/.*)$}) {
      return if $1 != $own || $2 =~ /^map/;
      $target = readlink("/proc/$pid/$2");
      if (defined $target && $target !~ m{^/}) { $at = $next; next } # a pipe or a socket
    } else { $target = readlink("/proc/$pid/root$next") }
    if (!defined $target) { $at = $next; next }
    return if ++$links > 40;
    $at = '' if $target =~ m{^/};
    unshift @left, grep { $_ ne '' && $_ ne '.' } split m{/}, $target;
  }
  return $at eq '' ? '/' : $at;
}
