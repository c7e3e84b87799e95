# The hosts of a lab while they come: begun one after another, in the order of the plan, and each told of as soon as it is up, so that its
# daemons start while the next ones are built.
our (%hosts, %children, $CHANNEL, $has_users);
# Still to be begun: each a name, its side of the network and its cables.
my @planned;
# Begun and not up, by the line that they speak on.
my %coming;
# What a host has of its own comes in a frame, in the order of the plan and before anything is asked. It goes into a file, piece by piece, so
# that this process stays as small as it is. These are the hosts whose frame has not come whole.
my @unprovided;
my $left = 0;

sub plan_hosts {
  my ($bridges, @plan) = @_;
  write_kernel_file('/proc/sys/net/ipv4/ip_forward', '1');
  change_network($bridges);
  while (my ($name, $network, $cables) = splice @plan, 0, 3) {
    push @planned, [$name, $network, $cables];
    mkdir "/sys/lab/$name";
    open(my $own, '+>', own_entries($name)) or die "entries of $name: $!\n";
    push @unprovided, {name => $name, file => $own};
  }
  send_frame(0, 'ready') unless @planned;
}

sub own_entries { "/sys/lab/$_[0]/entries" }

sub are_hosts_planned { @planned > 0 }
sub are_entries_coming { @unprovided > 0 }
sub coming_lines { map { $_->{line} } values %coming }

sub begin_next_host {
  my ($name, $network, $cables) = @{shift @planned // return};
  my $host = $hosts{$name} = start_host($name, $network);
  $host->{cables} = $cables =~ s/\{pid\}/$host->{process}/gr;
  $coming{$name} = $host;
}

# A host waits for its cables and its entries.
sub go_on {
  my ($name) = @_;
  my $host = $coming{$name} // return;
  write_all($host->{line}, 'w') unless $host->{cables} || grep { $_->{name} eq $name } @unprovided;
}

# The next piece of the entries of the next host.
sub take_entries {
  my ($name, $file) = @{$unprovided[0]}{qw(name file)};
  $left = unpack('N', read_exactly($CHANNEL, 4) // exit 0) unless $left;
  my $got = sysread($CHANNEL, my $piece, $left < 8192 ? $left : 8192) or exit 0;
  write_all($file, $piece) or die "entries of $name: $!\n";
  return if $left -= $got;
  shift @unprovided;
  go_on($name);
}

# A host says when its cables can be plugged in, and that it is ready, and then nothing more; or why it is not.
sub hear_coming {
  my ($line) = @_;
  my ($host) = grep { $_->{line} == $line } values %coming;
  if ($host->{cables}) {
    my $said = read_exactly($line, 1) // '';
    die "host $host->{name} did not start: $said", rest_of($line) // '', "\n" unless $said eq 'c';
    change_network(delete $host->{cables});
    go_on($host->{name});
    return;
  }
  my $said = rest_of($line) // '';
  die "host $host->{name} did not start: $said\n" unless $said eq 'ready';
  delete $host->{line};
  delete $coming{$host->{name}};
  unlink own_entries($host->{name});
  $children{$host->{process}} = {ended => $host->{ended}, gone => sub { send_frame(0, 'died', $host->{name}) }};
  my $folder = "/sys/lab/$host->{name}/local/lib/breachlab";
  hand_over($host->{name}, 'net.Server', unix_listener("$folder/socket", 0600));
  if ($has_users) { nonblocking($host->{visitors} = unix_listener("$folder/visitors", 0666)) }
  send_frame(0, 'up', $host->{name});
  send_frame(0, 'ready') unless @planned || %coming;
}
