# What binds every program of a host, and what the supervisor watches its children with.

sub set_limit { kernel('prlimit64', 0, $_[0] + 0, pack('Q2', $_[1], $_[1]), 0) }

# Where memory runs out, the kernel takes a learner's program before anything of the server's.
sub die_first { write_kernel_file('/proc/self/oom_score_adj', '700') }

# The last step before a program of the learner's runs: nothing of what the supervisor may do is left.
sub confine { confine_to(1, undef, [], @_) }

# `become`: user, group and further groups; a user who is not root keeps no capability. `filters`: further ones, which are put on here only
# if no one may put them on later, and then have to let through what follows (as runc's, libcontainer/standard_init_linux.go).
sub confine_to {
  my ($no_new_privileges, $become, $filters, @capabilities) = @_;
  my %kept = map { $_ => 1 } @capabilities;
  my $set = 0;
  $set |= 1 << $_ for @capabilities;
  for my $capability (0 .. 63) {
    next if $kept{$capability};
    syscall($NR{prctl}, 24, $capability, 0, 0, 0) == 0 or last; # the kernel knows no higher one
  }
  kernel('prctl', 38, 1, 0, 0, 0) if $no_new_privileges;
  set_limit($_, $LIMIT{$_}) for keys %LIMIT;
  put_on($_) for $FILTER, $no_new_privileges ? () : @$filters;
  if ($become) {
    my ($uid, $gid, @groups) = @$become;
    kernel('setgroups', scalar @groups, pack('L*', @groups));
    kernel('setresgid', ($gid + 0) x 3);
    kernel('setresuid', ($uid + 0) x 3);
    return if $uid != 0;
  }
  my $header = pack('Ll', 0x20080522, 0);
  my ($low, $high) = ($set & 0xffffffff, $set >> 32);
  kernel('capset', $header, pack('L6', $low, $low, 0, $high, $high, 0));
}

sub put_on {
  my ($filter) = @_;
  my $program = pack('S x6 P', length($filter) / 8, $filter);
  kernel('prctl', 22, 2, $program, 0, 0);
}

# A poll-able descriptor of a child, which lies in the caller's hands as a file handle that closes itself.
sub pidfd {
  my $fd = kernel('pidfd_open', $_[0] + 0, 0);
  open(my $handle, '<&=', $fd) or die "pidfd: $!\n";
  return $handle;
}
