using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MotionGateway.Cli.Configuration;

/// <summary>What settings are, from the documentation of the options: the compiler's file beside each assembly.</summary>
internal sealed partial class SettingsDescriptions
{
    private readonly Dictionary<Assembly, Dictionary<string, XElement>> _files = [];

    /// <summary>The description of a setting; empty where the file is not there.</summary>
    public string Find(PropertyInfo property)
    {
        var type = property.DeclaringType!;
        return Members(type.Assembly).TryGetValue($"P:{type.FullName!.Replace('+', '.')}.{property.Name}", out var member)
            ? Spaces().Replace(string.Concat(member.Elements().Where(IsShown).Select(part => ToText(part) + " ")), " ").Trim() : "";
    }

    private Dictionary<string, XElement> Members(Assembly assembly)
    {
        if (!_files.TryGetValue(assembly, out var members))
        {
            string file = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
            members = File.Exists(file)
                ? XDocument.Load(file).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value)
                : [];
            _files.Add(assembly, members);
        }

        return members;
    }

    private static bool IsShown(XElement part) => part.Name.LocalName is "summary" or "remarks";

    private static string ToText(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { FirstNode: null } element => element.Attribute("cref")?.Value.Split('.')[^1] ?? "",
        XElement element => string.Concat(element.Nodes().Select(ToText)),
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
