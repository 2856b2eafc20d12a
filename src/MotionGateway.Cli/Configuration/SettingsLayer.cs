using Microsoft.Extensions.Configuration;

namespace MotionGateway.Cli.Configuration;

/// <summary>The settings of one source.</summary>
/// <param name="NameOf">What people call the source of the setting with this path.</param>
/// <param name="Values">The settings.</param>
internal sealed record SettingsLayer(Func<string, string> NameOf, IConfiguration Values);
