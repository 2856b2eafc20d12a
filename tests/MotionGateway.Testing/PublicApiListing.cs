using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MotionGateway.Testing;

/// <summary>What an assembly shows to others, as lines of text, so that a change of it is seen in review.</summary>
public static class PublicApiListing
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>Lists every public type and member, sorted.</summary>
    /// <param name="assembly">The assembly.</param>
    public static IReadOnlyList<string> Of(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return [.. assembly.GetExportedTypes().SelectMany(Describe).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Describe(Type type)
    {
        string name = NameOf(type);
        yield return $"{name} : {KindOf(type)}{BasesOf(type)}";
        foreach (MemberInfo member in type.GetMembers(Declared).Where(IsShown))
        {
            yield return $"{name}.{Describe(member, type)}";
        }
    }

    // Records' generated members say nothing that the record itself does not.
    private static bool IsShown(MemberInfo member) => member switch
    {
        MethodBase { IsSpecialName: true, IsConstructor: false } => false,
        _ when member.GetCustomAttribute<CompilerGeneratedAttribute>() is not null => false,
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors().Length > 0,
        FieldInfo field => field.IsPublic && !field.IsSpecialName,
        EventInfo => true,
        _ => false,
    };

    private static string Describe(MemberInfo member, Type type) => member switch
    {
        ConstructorInfo constructor => $"ctor({Parameters(constructor)})",
        MethodInfo method => $"{Static(method)}{method.Name}{Generics(method)}({Parameters(method)}) : {NameOf(method.ReturnType, Nullability.Create(method.ReturnParameter))}",
        PropertyInfo property => $"{Static(property.GetAccessors()[0])}{property.Name} : {NameOf(property.PropertyType, Nullability.Create(property))} {{ {Accessors(property)} }}",
        FieldInfo { IsLiteral: true } field => $"{field.Name} = {Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}{(type.IsEnum ? "" : $" : const {NameOf(field.FieldType)}")}",
        FieldInfo field => $"{(field.IsStatic ? "static " : "")}{field.Name} : {NameOf(field.FieldType, Nullability.Create(field))}",
        EventInfo declared => $"event {declared.Name} : {NameOf(declared.EventHandlerType!)}",
        _ => member.ToString()!,
    };

    private static string KindOf(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string BasesOf(Type type)
    {
        IEnumerable<Type> interfaces = type.GetInterfaces().Where(@interface => @interface.IsPublic && !@interface.Name.StartsWith("IEquatable", StringComparison.Ordinal));
        IEnumerable<Type> bases = type.BaseType is { IsPublic: true } parent && parent != typeof(object) ? interfaces.Prepend(parent) : interfaces;
        return type.IsEnum || !bases.Any() ? "" : $" : {string.Join(", ", bases.Select(@base => NameOf(@base)))}";
    }

    private static string Accessors(PropertyInfo property)
    {
        string? set = property.SetMethod is { IsPublic: true } setter
            ? setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;"
            : null;
        return string.Join(' ', new[] { property.GetMethod is { IsPublic: true } ? "get;" : null, set }.OfType<string>());
    }

    private static string Parameters(MethodBase method)
    {
        string parameters = string.Join(", ", method.GetParameters().Select(parameter =>
            $"{(parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : "")}{NameOf(parameter.ParameterType, Nullability.Create(parameter))} {parameter.Name}"
            + (parameter.HasDefaultValue ? $" = {DefaultOf(parameter)}" : "")));
        return method.IsDefined(typeof(ExtensionAttribute)) ? $"this {parameters}" : parameters;
    }

    private static string DefaultOf(ParameterInfo parameter) =>
        Convert.ToString(parameter.RawDefaultValue, CultureInfo.InvariantCulture) is { Length: > 0 } value ? value : "default";

    private static string Static(MethodInfo method) => method.IsStatic ? "static " : "";

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private static string NameOf(Type type, NullabilityInfo? nullability = null)
    {
        if (type.IsByRef)
        {
            return NameOf(type.GetElementType()!, nullability?.ElementType);
        }

        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return $"{NameOf(inner)}?";
        }

        string name = type.IsNested ? $"{NameOf(type.DeclaringType!)}.{type.Name}" : type.Name;
        if (type.IsArray)
        {
            name = $"{NameOf(type.GetElementType()!)}[]";
        }
        else if (type.IsGenericType)
        {
            Type[] arguments = type.GetGenericArguments();
            IEnumerable<string> names = arguments.Select((argument, i) => NameOf(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(i)));
            name = $"{name.Split('`')[0]}<{string.Join(", ", names)}>";
        }

        return nullability?.ReadState == NullabilityState.Nullable ? $"{name}?" : name;
    }
}
