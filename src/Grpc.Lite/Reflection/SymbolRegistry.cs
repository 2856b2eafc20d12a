using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;

namespace Grpc.Reflection;

/// <summary>The services that an application has mapped, with their files: found through the static <c>Descriptor</c> of the class around each base class.</summary>
internal sealed class SymbolRegistry
{
    private readonly Dictionary<string, FileDescriptor> _files = [];
    private readonly Dictionary<string, FileDescriptor> _symbols = [];
    private readonly List<ServiceDescriptor> _services = [];

    public SymbolRegistry(EndpointDataSource endpoints)
    {
        var types = endpoints.Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType).OfType<Type>().Distinct();
        foreach (var service in types.Select(FindDescriptor).OfType<ServiceDescriptor>())
        {
            _services.Add(service);
            Add(service.File);
        }
    }

    public IEnumerable<string> ServiceNames => _services.Select(service => service.FullName);

    public FileDescriptor? FindFile(string name) => _files.GetValueOrDefault(name);

    public FileDescriptor? FindSymbol(string symbol) => _symbols.GetValueOrDefault(symbol);

    /// <summary>The extensions of a message.</summary>
    public IEnumerable<FieldDescriptor> FindExtensions(string messageName) =>
        _files.Values.SelectMany(FindExtensions).Where(extension => extension.ExtendeeType.FullName == messageName);

    public bool IsMessage(string name) => _symbols.TryGetValue(name, out var file) && AllMessages(file.MessageTypes).Any(message => message.FullName == name);

    /// <summary>A file and all that it depends on, each once.</summary>
    public static IReadOnlyCollection<FileDescriptor> WithDependencies(FileDescriptor file)
    {
        var files = new Dictionary<string, FileDescriptor>();
        Collect(file);
        return files.Values;

        void Collect(FileDescriptor current)
        {
            if (files.TryAdd(current.Name, current))
            {
                foreach (var dependency in current.Dependencies)
                {
                    Collect(dependency);
                }
            }
        }
    }

    private static ServiceDescriptor? FindDescriptor(Type? type)
    {
        while (type is not null && type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is null)
        {
            type = type.BaseType;
        }

        return type?.DeclaringType?.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as ServiceDescriptor;
    }

    private static IEnumerable<FieldDescriptor> FindExtensions(FileDescriptor file) =>
        file.Extensions.UnorderedExtensions.Concat(AllMessages(file.MessageTypes).SelectMany(message => message.Extensions.UnorderedExtensions));

    private static IEnumerable<MessageDescriptor> AllMessages(IEnumerable<MessageDescriptor> messages) =>
        messages.SelectMany(message => AllMessages(message.NestedTypes).Prepend(message));

    private void Add(FileDescriptor root)
    {
        foreach (var file in WithDependencies(root))
        {
            if (_files.TryAdd(file.Name, file))
            {
                foreach (var symbol in Symbols(file))
                {
                    _symbols[symbol.FullName] = file;
                }
            }
        }
    }

    private static IEnumerable<IDescriptor> Symbols(FileDescriptor file)
    {
        var messages = AllMessages(file.MessageTypes).ToArray();
        return
        [
            .. file.Services,
            .. file.Services.SelectMany(service => service.Methods),
            .. messages,
            .. messages.SelectMany(message => message.Fields.InDeclarationOrder()),
            .. messages.SelectMany(message => message.Oneofs),
            .. file.EnumTypes.Concat(messages.SelectMany(message => message.EnumTypes)),
            .. file.EnumTypes.Concat(messages.SelectMany(message => message.EnumTypes)).SelectMany(type => type.Values),
            .. FindExtensions(file),
        ];
    }
}
