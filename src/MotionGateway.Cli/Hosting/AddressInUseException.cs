namespace MotionGateway.Cli.Hosting;

/// <summary>An address to listen on is taken.</summary>
internal sealed class AddressInUseException(string service, string urls) : CommandException(
    $"The {service} cannot listen on {urls}: another program does. End that one, or choose another address.");
