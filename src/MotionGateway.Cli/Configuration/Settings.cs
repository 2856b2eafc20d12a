using Microsoft.Extensions.Configuration;

namespace MotionGateway.Cli.Configuration;

/// <summary>The settings of all sources.</summary>
/// <param name="layers">The sources; later ones win.</param>
/// <param name="problems">What was meant as a setting and is not read, one sentence each.</param>
internal sealed class Settings(IReadOnlyList<SettingsLayer> layers, IReadOnlyList<string> problems)
{
    /// <summary>All of them, with paths such as <c>Gateway:Urls</c>.</summary>
    public IConfiguration Values { get; } = Merge(layers);

    /// <summary>What was meant as a setting and is not read, one sentence each.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>What people call the source that a setting comes from; null when none has it.</summary>
    public string? SourceOf(string path) => layers.LastOrDefault(layer => layer.Values.GetSection(path).Exists())?.NameOf(path);

    // Copied, not chained: a configuration within another loses its empty texts, by which a setting is taken back.
    private static IConfigurationRoot Merge(IReadOnlyList<SettingsLayer> layers)
    {
        var builder = new ConfigurationBuilder();
        foreach (var layer in layers)
        {
            builder.AddInMemoryCollection(layer.Values.AsEnumerable(makePathsRelative: true));
        }

        return builder.Build();
    }
}
