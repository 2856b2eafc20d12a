using Grpc.Core;
using Grpc.Reflection.V1;

namespace Grpc.Reflection;

/// <summary>Answers the questions of reflection.</summary>
internal static class ReflectionAnswers
{
    public static ServerReflectionResponse Answer(SymbolRegistry registry, ServerReflectionRequest request)
    {
        var response = request.MessageRequestCase switch
        {
            ServerReflectionRequest.MessageRequestOneofCase.FileByFilename =>
                Files(registry.FindFile(request.FileByFilename), "File not found."),
            ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol =>
                Files(registry.FindSymbol(request.FileContainingSymbol), "Symbol not found."),
            ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension =>
                Files(FindExtension(registry, request.FileContainingExtension), "Extension not found."),
            ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType =>
                ExtensionNumbers(registry, request.AllExtensionNumbersOfType),
            ServerReflectionRequest.MessageRequestOneofCase.ListServices =>
                Services(registry),
            _ => Error(StatusCode.InvalidArgument, "The request has no question."),
        };
        response.ValidHost = request.Host;
        response.OriginalRequest = request;
        return response;
    }

    private static Google.Protobuf.Reflection.FileDescriptor? FindExtension(SymbolRegistry registry, ExtensionRequest request) =>
        registry.FindExtensions(request.ContainingType).FirstOrDefault(extension => extension.FieldNumber == request.ExtensionNumber)?.File;

    private static ServerReflectionResponse Files(Google.Protobuf.Reflection.FileDescriptor? file, string error) => file is null
        ? Error(StatusCode.NotFound, error)
        : new ServerReflectionResponse
        {
            FileDescriptorResponse = new FileDescriptorResponse
            {
                FileDescriptorProto = { SymbolRegistry.WithDependencies(file).Select(dependency => dependency.SerializedData) },
            },
        };

    private static ServerReflectionResponse ExtensionNumbers(SymbolRegistry registry, string messageName) => registry.IsMessage(messageName)
        ? new ServerReflectionResponse
        {
            AllExtensionNumbersResponse = new ExtensionNumberResponse
            {
                BaseTypeName = messageName,
                ExtensionNumber = { registry.FindExtensions(messageName).Select(extension => extension.FieldNumber).Order() },
            },
        }
        : Error(StatusCode.NotFound, "Type not found.");

    private static ServerReflectionResponse Services(SymbolRegistry registry) => new()
    {
        ListServicesResponse = new ListServiceResponse { Service = { registry.ServiceNames.Select(name => new ServiceResponse { Name = name }) } },
    };

    private static ServerReflectionResponse Error(StatusCode code, string message) => new()
    {
        ErrorResponse = new ErrorResponse { ErrorCode = (int)code, ErrorMessage = message },
    };
}
