using Aether.Persistence.V1;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Aether.Agent.Grpc;

/// <summary>
/// Registers the methods of <see cref="WorldService"/> such that a request that is not a protobuf message is refused as
/// invalid. Decoding happens before any interceptor, and gRPC would report its exception as an error of the agent.
/// </summary>
internal sealed class DecodingErrors(WorldService service) : IServiceMethodProvider<WorldService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<WorldService> context) =>
        World.BindService(new Binder(context), service);

    private static TMessage Decode<TMessage>(Marshaller<TMessage> marshaller, DeserializationContext context)
        where TMessage : class
    {
        try
        {
            return marshaller.ContextualDeserializer(context);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument,
                $"The message is not a valid {typeof(TMessage).Name}: {exception.Message}"));
        }
    }

    private static Method<TRequest, TResponse> Checked<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        new(
            method.Type,
            method.ServiceName,
            method.Name,
            new Marshaller<TRequest>(
                method.RequestMarshaller.ContextualSerializer,
                context => Decode(method.RequestMarshaller, context)),
            method.ResponseMarshaller);

    private sealed class Binder(ServiceMethodProviderContext<WorldService> context) : ServiceBinderBase
    {
        private static readonly IList<object> NoMetadata = [];

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            context.AddUnaryMethod(
                Checked(method), NoMetadata, (_, request, call) => handler!(request, call));

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddServerStreamingMethod(
                Checked(method), NoMetadata, (_, request, responses, call) => handler!(request, responses, call));

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddDuplexStreamingMethod(
                Checked(method), NoMetadata, (_, requests, responses, call) => handler!(requests, responses, call));
    }
}
