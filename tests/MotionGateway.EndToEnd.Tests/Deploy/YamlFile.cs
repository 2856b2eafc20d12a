using MotionGateway.Testing;
using YamlDotNet.RepresentationModel;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>A YAML file of deploy/.</summary>
internal static class YamlFile
{
    /// <summary>Its documents.</summary>
    /// <param name="path">The path below deploy/.</param>
    public static IReadOnlyList<YamlNode> Read(params string[] path)
    {
        using var text = File.OpenText(RepositoryRoot.PathTo(["deploy", .. path]));
        var stream = new YamlStream();
        stream.Load(text);
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    /// <summary>What is at a path of keys; null when it ends before.</summary>
    public static YamlNode? Find(this YamlNode node, params string[] keys)
    {
        YamlNode? found = node;
        foreach (string key in keys)
        {
            found = found is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;
        }

        return found;
    }

    /// <summary>The text at a path of keys; empty when there is none.</summary>
    public static string Text(this YamlNode node, params string[] keys) => node.Find(keys) is YamlScalarNode { Value: { } text } ? text : "";

    /// <summary>The entries of the list at a path of keys; none when there is none.</summary>
    public static IEnumerable<YamlNode> List(this YamlNode node, params string[] keys) => node.Find(keys) is YamlSequenceNode list ? list : [];

    /// <summary>The entries of the map at a path of keys; none when there is none.</summary>
    public static IEnumerable<KeyValuePair<string, YamlNode>> Map(this YamlNode node, params string[] keys) => node.Find(keys) is YamlMappingNode map
        ? map.Select(entry => KeyValuePair.Create(((YamlScalarNode)entry.Key).Value!, entry.Value)) : [];

    /// <summary>What stands under a key, at any depth.</summary>
    public static IEnumerable<YamlNode> Everywhere(this YamlNode node, string key) =>
        node.AllNodes.OfType<YamlMappingNode>().Select(mapping => mapping.Find(key)).OfType<YamlNode>();
}
