using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace MotionGateway.EndToEnd.Tests.Metrics;

/// <summary>
/// All instruments, found in the code: whatever has fields of them, or is called metrics, is made, and each of its methods called once
/// with made-up arguments, so that what it measures shows its attributes.
/// </summary>
internal static class InstrumentsOfTheCode
{
    private const string OwnMeters = "MotionGateway.";

    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] Assemblies =
        ["MotionGateway.Sessions", "MotionGateway.MotionServer", "MotionGateway.Gateway", "MotionGateway.EdgeRelay", "motiongateway", "MotionGateway.Hosting"];

    /// <summary>The instruments, by meter and name.</summary>
    public static IReadOnlyList<MeasuredInstrument> Read()
    {
        // Other tests may measure at the same time.
        ConcurrentDictionary<string, MeasuredInstrument> found = new(StringComparer.Ordinal);
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name.StartsWith(OwnMeters, StringComparison.Ordinal))
            {
                found.TryAdd(instrument.Name, new MeasuredInstrument(instrument));
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        listener.Start();
        foreach (var type in Assemblies.SelectMany(name => Assembly.Load(name).GetTypes()).Where(type => IsMeasuring(type) && !IsPart(type)))
        {
            object? instance = type is { IsAbstract: true, IsSealed: true } ? null : Make(type, services);
            Exercise(type, instance, services);
            listener.RecordObservableInstruments();
            (instance as IDisposable)?.Dispose();
        }

        return [.. found.Values.OrderBy(instrument => instrument.Meter, StringComparer.Ordinal).ThenBy(instrument => instrument.Name, StringComparer.Ordinal)];

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
            {
                found[instrument.Name].Note(tag.Key);
            }
        }
    }

    private static bool IsMeasuring(Type type) => type.Name.EndsWith("Metrics", StringComparison.Ordinal)
        || type.GetFields(Declared).Any(field => field.FieldType.IsAssignableTo(typeof(Instrument)));

    // Made by another, which has the meter.
    private static bool IsPart(Type type) =>
        type.GetConstructors(Declared).Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == typeof(Meter)));

    private static void Exercise(Type type, object? instance, IServiceProvider services)
    {
        foreach (var method in type.GetMethods(Declared).Where(method =>
            method.ReturnType == typeof(void) && !method.IsSpecialName && !method.IsPrivate && method.Name != nameof(IDisposable.Dispose)))
        {
            method.Invoke(instance, [.. method.GetParameters().Select(parameter => Make(parameter.ParameterType, services))]);
        }

        foreach (var part in type.GetProperties(Declared).Where(property => IsMeasuring(property.PropertyType)))
        {
            Exercise(part.PropertyType, part.GetValue(instance), services);
        }
    }

    // Something of a type; nothing, where there is no saying what.
    private static object? Make(Type type, IServiceProvider services) => type switch
    {
        _ when services.GetService(type) is { } service => service,
        _ when Nullable.GetUnderlyingType(type) is { } underlying => Make(underlying, services),
        { IsEnum: true } => Enum.GetValues(type).GetValue(1)!,
        _ when type == typeof(string) => "name",
        _ when type == typeof(Uri) => new Uri("http://127.0.0.1:1"),
        _ when type == typeof(TimeProvider) => TimeProvider.System,
        _ when type.IsAssignableFrom(typeof(InvalidOperationException)) => new InvalidOperationException(),
        _ when type == typeof(V1.TurnReport) => new V1.TurnReport { Outcome = V1.TurnOutcome.AudioOnly, Error = V1.ErrorReason.Internal },
        { IsPrimitive: true } => Convert.ChangeType(1, type, System.Globalization.CultureInfo.InvariantCulture),
        _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(1),
        { IsInterface: true } => null,
        _ when type.IsAssignableTo(typeof(Delegate)) => MakeFunction(type),
        _ => Construct(type, services),
    };

    private static Delegate MakeFunction(Type type)
    {
        var invoke = type.GetMethod("Invoke")!;
        var result = invoke.ReturnType;
        bool isSeveral = result.IsGenericType && result.GetGenericTypeDefinition() == typeof(IEnumerable<>);
        Expression made = isSeveral
            ? Expression.NewArrayInit(result.GetGenericArguments()[0], Expression.Default(result.GetGenericArguments()[0])) : Expression.Default(result);
        return Expression.Lambda(
            type, made, invoke.GetParameters().Select(parameter => Expression.Parameter(parameter.ParameterType))).Compile();
    }

    private static object Construct(Type type, IServiceProvider services)
    {
        // Not one that copies.
        var constructor = type.GetConstructors(Declared)
            .Where(constructor => !constructor.IsStatic && constructor.GetParameters().All(parameter => parameter.ParameterType != type))
            .MaxBy(constructor => constructor.GetParameters().Length)
            ?? throw new InvalidOperationException($"{type} cannot be made up: say how in {nameof(InstrumentsOfTheCode)}.");
        object made = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, services))]);
        foreach (var text in type.GetProperties(Declared).Where(property => property.CanWrite && property.PropertyType == typeof(string)))
        {
            text.SetValue(made, "name");
        }

        return made;
    }
}
