using Gateway;

return await GatewayCommand.InvokeAsync(args, Console.Error);
